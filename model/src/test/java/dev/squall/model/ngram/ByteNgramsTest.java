package dev.squall.model.ngram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Byte n-grams with Witten-Bell smoothing against probabilities computed by hand, and as a distribution. */
class ByteNgramsTest {
    private static final double EXACT = 1e-12;

    @TempDir
    Path directory;

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * In "abac" behind no context: a twice, b and c once, n = 4, t = 3. Behind "a": b and c once each, n = 2, t = 2.
     * Behind "b": a once, n = 1, t = 1.
     */
    @Test
    void probabilitiesAreThoseComputedByHand() throws IOException {
        ByteNgrams model = new ByteNgrams(2);
        model.add(stream("abac"));
        double a = (2 + 3 / 256.0) / 7;
        double b = (1 + 3 / 256.0) / 7;
        double z = 3 / 256.0 / 7;
        assertThat(model.probability(bytes(""), 'a')).isEqualTo(a, within(EXACT));
        assertThat(model.probability(bytes("a"), 'b')).isEqualTo((1 + 2 * b) / 4, within(EXACT));
        assertThat(model.probability(bytes("xa"), 'a')).isEqualTo(2 * a / 4, within(EXACT));
        assertThat(model.probability(bytes("b"), 'a')).isEqualTo((1 + a) / 2, within(EXACT));
        assertThat(model.probability(bytes("c"), 'z'))
                .as("a context at the end only")
                .isEqualTo(z, within(EXACT));
        double bits = -(Math.log(a) + Math.log((1 + 2 * b) / 4) + Math.log(z / 2)) / Math.log(2);
        ByteNgrams.Cost cost = model.measure(stream("abz"));
        assertThat(cost.bytes()).isEqualTo(3);
        assertThat(cost.bits()).isEqualTo(bits, within(1e-9));
        assertThat(cost.bitsPerByte()).isEqualTo(bits / 3, within(1e-9));
    }

    /** Bytes of all values, zeros among them, in contexts that came, came in part, or never came. */
    @Property(tries = 60)
    void probabilitiesSumToOne(
            @ForAll @IntRange(min = 1, max = 5) int order,
            @ForAll @IntRange(min = 1, max = 256) int values,
            @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        byte[] text = new byte[2000];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) (256 - random.nextInt(values));
        }
        ByteNgrams model = new ByteNgrams(order);
        model.add(new ByteArrayInputStream(text));
        for (int length = 0; length <= 6; length++) {
            int at = random.nextInt(text.length - 6);
            byte[] seen = java.util.Arrays.copyOfRange(text, at, at + length);
            byte[] other = new byte[length];
            random.nextBytes(other);
            for (byte[] before : List.of(seen, other)) {
                double sum = 0;
                for (int next = 0; next < 256; next++) {
                    double probability = model.probability(before, next);
                    assertThat(probability).isPositive();
                    sum += probability;
                }
                assertThat(sum).isEqualTo(1, within(1e-9));
            }
        }
    }

    /** "abababab": behind what came before, a context of four bytes knows what follows better than none. */
    @Test
    void longerContextsExplainAPattern() throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "abcabd".repeat(500));
        Path held = Files.writeString(directory.resolve("held"), "abcabd".repeat(50));
        double before = 9;
        for (int order : new int[] {1, 2, 4}) {
            double bits = ByteNgrams.of(order, List.of(text)).measure(held).bitsPerByte();
            assertThat(bits).isLessThan(before);
            before = bits;
        }
        assertThat(before).as("three bytes of context leave no doubt").isLessThan(0.1);
    }

    @Test
    void badInputIsRefused() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty"));
        assertThatThrownBy(() -> new ByteNgrams(5).measure(empty)).hasMessageContainingAll("empty", "no bytes");
        assertThatThrownBy(() -> new ByteNgrams(6)).hasMessageContainingAll("found 6", "1 to 5");
        assertThatThrownBy(() -> new ByteNgrams(0)).hasMessageContaining("found 0");
    }
}
