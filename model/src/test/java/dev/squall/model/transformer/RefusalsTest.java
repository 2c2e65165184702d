package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.attention.KvCache;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KvType;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    /** MiniCPM4-8B: 32 layers of 2 heads of 128 elements take 64 KiB a token. */
    private static final KvCache.Shape LONG = KvCache.Shape.full(32, 2, 128, 64, 4, 131_072);

    @Test
    void aCacheThatDoesNotFitIsRefusedWithWhatWouldFit() {
        assertThatThrownBy(() -> Refusals.memory(LONG, 0, LONG.bytes() / 4, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 8.59 GB, expected at least 34.36 GB")
                .hasMessageContaining("4 sequences of 131072 tokens")
                .hasMessageContaining("the key/value cache in F32 of")
                .hasMessageContaining(
                        "a context of at most 32768 tokens, a cache in F16 (17.18 GB, with a shorter context), "
                                + "or fewer sequences, would fit");
        assertThatThrownBy(() -> Refusals.memory(LONG, 0, LONG.bytes() / 2, "; an option gives more"))
                .hasMessageContaining("tokens, a cache in F16 (17.18 GB), or fewer")
                .hasMessageEndingWith("would fit; an option gives more");
        assertThatThrownBy(() -> Refusals.memory(LONG.withType(KvType.F16), 0, LONG.bytes() / 4, ""))
                .hasMessageContaining("found 8.59 GB, expected at least 17.18 GB for the key/value cache in F16")
                .hasMessageContaining("a context of at most 65536 tokens, or fewer sequences, would fit");
        assertThatCode(() -> Refusals.memory(LONG, 0, LONG.bytes(), "")).doesNotThrowAnyException();
    }

    /** 1/16 of a key for each in fine windows, 1/64 in coarse ones, beside a key and a value: 5/128 of the cache. */
    @Test
    void compressedKeysCountToo() {
        long compressed = CompressedKeys.bytes(SparseConfig.defaults(), LONG, 1);
        long ofOneRow = 2 * (8 * 131_072 / 64 / 64 + 4 * 131_072 / 16);
        assertThat(compressed - ofOneRow).isEqualTo(LONG.bytes() / 128 * 5);
        assertThat(CompressedKeys.bytes(null, LONG, 64)).isZero();
        assertThatThrownBy(() -> Refusals.memory(LONG, compressed, LONG.bytes(), ""))
                .hasMessageContaining("found 34.36 GB, expected at least 35.70 GB")
                .hasMessageContaining("the key/value cache in F32 and the compressed keys of 4 sequences")
                .hasMessageContaining("a context of at most 126144 tokens");
        assertThatCode(() -> Refusals.memory(LONG, compressed, LONG.bytes() + compressed, ""))
                .doesNotThrowAnyException();
    }

    /** Without native access arrays are direct memory, of which this process has little. */
    @Test
    void directMemoryIsTheBoundWithoutNativeAccess() throws Exception {
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:MaxDirectMemorySize=48m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Long64k.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isOne();
        assertThat(said)
                .contains("memory: found 0.05 GB, expected at least 0.07 GB", "a larger -XX:MaxDirectMemorySize");
    }

    /** Asks for a cache of 64 MiB. */
    static final class Long64k {
        public static void main(String[] none) {
            Refusals.onJvm(KvCache.Shape.full(1, 1, 128, 64, 1, 65_536), 0);
        }
    }
}
