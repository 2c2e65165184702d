package dev.squall.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;

/** Large arrays in processes of their own, with little direct memory. */
class LargeMemoryTest {
    @Test
    void isZeroToItsEndAndAligned() {
        long bytes = LargeMemory.LEAST + 12_345;
        MemorySegment memory = LargeMemory.allocate(bytes);
        assertThat(memory.byteSize()).isEqualTo(bytes);
        assertThat(memory.address() % 64).isZero();
        assertThat(memory.mismatch(MemorySegment.ofArray(new byte[(int) bytes])))
                .isEqualTo(-1);
        memory.set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) 1);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, bytes - 1)).isEqualTo((byte) 1);
    }

    @Test
    void doesNotCountAsDirectMemory() throws Exception {
        assertThat(run(Many.class, "--enable-native-access=ALL-UNNAMED", "-XX:MaxDirectMemorySize=8m"))
                .isEqualTo("256 MiB");
    }

    @Test
    void withoutNativeAccessAnAutomaticArenaGivesIt() throws Exception {
        assertThat(run(Many.class, "--illegal-native-access=deny", "-XX:MaxDirectMemorySize=300m"))
                .isEqualTo("256 MiB");
        assertThat(run(Many.class, "--illegal-native-access=deny", "-XX:MaxDirectMemorySize=64m"))
                .contains("Cannot reserve");
    }

    @Test
    void isGivenBack() throws Exception {
        assertThat(run(Garbage.class, "--enable-native-access=ALL-UNNAMED")).isEqualTo("done");
    }

    @Test
    void moreThanTheMachineHasIsRefusedWithTheFigures() throws Exception {
        assertThat(run(TooMuch.class, "--enable-native-access=ALL-UNNAMED"))
                .contains("arrays: found ", " GB in use, and ", " GB more asked for, expected at most ");
    }

    /** Keeps 32 arrays of 8 MiB. */
    static final class Many {
        public static void main(String[] none) {
            List<ByteArray> arrays = new ArrayList<>();
            while (arrays.size() < 32) {
                arrays.add(new ByteArray(8 << 20));
            }
            System.out.println(8 * arrays.size() + " MiB");
        }
    }

    /** Allocates, but never writes, more than machines have. */
    static final class Garbage {
        public static void main(String[] none) {
            long total = 0;
            while (total >= 0 && total < 1L << 42) {
                total += new ByteArray(1 << 30).getNumBytesOfSegment();
            }
            System.out.println("done");
        }
    }

    /** The same, but keeps it. */
    static final class TooMuch {
        public static void main(String[] none) {
            List<ByteArray> arrays = new ArrayList<>();
            while (arrays.size() < 1 << 14) {
                arrays.add(new ByteArray(1 << 30));
            }
        }
    }

    private static String run(Class<?> main, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(
                List.of("-Xmx64m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), main.getName()));
        Path output = Files.createTempFile("squall", ".txt");
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start()
                    .waitFor();
            return Files.readString(output, StandardCharsets.UTF_8).strip();
        } finally {
            Files.delete(output);
        }
    }
}
