package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.reference.Attention;
import dev.squall.kernels.reference.Elementwise;
import dev.squall.kernels.reference.Embeddings;
import dev.squall.kernels.reference.MatrixProducts;
import dev.squall.kernels.reference.Norms;
import dev.squall.kernels.reference.Rotary;
import dev.squall.kernels.reference.Vocabulary;
import dev.squall.tornado.lint.KernelLint;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference kernels are written in the dialect that TornadoVM compiles to what they mean. */
class KernelDialectTest {
    static Stream<Class<?>> kernels() {
        return Stream.of(
                Attention.class,
                Elementwise.class,
                Embeddings.class,
                MatrixProducts.class,
                Norms.class,
                Rotary.class,
                Vocabulary.class);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void nothingIsRefused(Class<?> kernels) {
        assertThat(KernelLint.check(kernels)).isEmpty();
    }
}
