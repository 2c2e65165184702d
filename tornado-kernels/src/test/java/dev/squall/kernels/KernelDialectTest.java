package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.device.BF16GroupProducts;
import dev.squall.kernels.device.BF16Products;
import dev.squall.kernels.device.F16GroupProducts;
import dev.squall.kernels.device.F16Products;
import dev.squall.kernels.device.F32GroupProducts;
import dev.squall.kernels.device.F32Products;
import dev.squall.kernels.device.Q4GroupProducts;
import dev.squall.kernels.device.Q4Products;
import dev.squall.kernels.device.Q8GroupProducts;
import dev.squall.kernels.device.Q8Products;
import dev.squall.kernels.reference.Attention;
import dev.squall.kernels.reference.Elementwise;
import dev.squall.kernels.reference.Embeddings;
import dev.squall.kernels.reference.MatrixProducts;
import dev.squall.kernels.reference.Norms;
import dev.squall.kernels.reference.Rotary;
import dev.squall.kernels.reference.SparseAttention;
import dev.squall.kernels.reference.Vocabulary;
import dev.squall.tornado.lint.KernelLint;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference and the device kernels are written in the dialect that TornadoVM compiles to what they mean. */
class KernelDialectTest {
    static Stream<Class<?>> kernels() {
        return Stream.of(
                Attention.class,
                Elementwise.class,
                Embeddings.class,
                MatrixProducts.class,
                Norms.class,
                Rotary.class,
                SparseAttention.class,
                Vocabulary.class,
                dev.squall.kernels.device.Attention.class,
                dev.squall.kernels.device.BlockSelection.class,
                dev.squall.kernels.device.Embeddings.class,
                dev.squall.kernels.device.KeyValues.class,
                dev.squall.kernels.device.Rotary.class,
                dev.squall.kernels.device.Vocabulary.class,
                BF16Products.class,
                BF16GroupProducts.class,
                F16Products.class,
                F16GroupProducts.class,
                F32Products.class,
                F32GroupProducts.class,
                Q4Products.class,
                Q4GroupProducts.class,
                Q8Products.class,
                Q8GroupProducts.class);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void nothingIsRefused(Class<?> kernels) {
        assertThat(KernelLint.check(kernels)).isEmpty();
    }
}
