package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.kernels.KvType;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Too little memory for what a device computes with is refused with the numbers. */
class DeviceMemoryTest {
    private static final long GB = 1_000_000_000L;

    @Test
    void directMemoryIsWhatTheProcessWasGiven() throws Exception {
        for (String option : new String[] {"-XX:MaxDirectMemorySize=48m", "-Xmx48m"}) {
            Process process = new ProcessBuilder(
                            System.getProperty("java.home") + "/bin/java",
                            "-XX:+UseSerialGC",
                            option,
                            "-cp",
                            System.getProperty("java.class.path"),
                            Limit.class.getName())
                    .redirectErrorStream(true)
                    .start();
            String limit = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assertThat(process.waitFor()).as(limit).isZero();
            assertThat(Long.parseLong(limit))
                    .as(option)
                    .isBetween(40L << 20, 48L << 20); // a heap's last space is not counted
        }
    }

    /** Prints the limit of its own process. */
    static final class Limit {
        public static void main(String[] none) {
            System.out.println(Refusals.directMemory());
        }
    }

    @Test
    void tooLittleIsRefusedWithTheNumbers() {
        assertThatThrownBy(() -> Refusals.enough("-XX:MaxDirectMemorySize", 4 * GB, 3 * GB + GB / 2, GB, KvType.F32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "-XX:MaxDirectMemorySize: found 4.00 GB",
                        "at least 4.50 GB",
                        "3.50 GB",
                        "cache in F32 of 1.00 GB; a shorter context, a cache in F16 or fewer sequences need less");
        assertThatThrownBy(() -> Refusals.enough("device", GB, GB, GB, KvType.F16))
                .hasMessageContaining("cache in F16 of 1.00 GB; a shorter context or fewer sequences need less");
        assertThatCode(() -> Refusals.enough("-XX:MaxDirectMemorySize", 4 * GB, 3 * GB, GB, KvType.F32))
                .doesNotThrowAnyException();
    }
}
