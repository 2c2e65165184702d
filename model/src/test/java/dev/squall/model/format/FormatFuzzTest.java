package dev.squall.model.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.squall.kernels.KernelSet;
import dev.squall.model.spec.Families;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damaged model files: real headers with bytes flipped, numbers replaced by extremes, pieces cut, moved and repeated. Loading
 * either works or says in a {@link ModelFileException} which file is wrong, soon and without large allocations first.
 *
 * <p>The ordinary run has some thousands of mutations; for a longer one, with other seeds:
 *
 * <pre>{@code ./mvnw -pl model -am test -Dtest=FormatFuzzTest -Dsurefire.failIfNoSpecifiedTests=false -Dsquall.fuzz.seconds=600}</pre>
 */
class FormatFuzzTest {
    private static final int ROUNDS = 1_500;
    /** A file of some kilobytes must not make the reader allocate more than this. */
    private static final long MOST_BYTES = 64L << 20;

    private static final long MOST_NANOS = 1_000_000_000L;

    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        255,
        256,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 32,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE / 16,
        0x7FFFFFFFFFFFFF00L
    };

    /** The kinds of files; each has one that is damaged. */
    enum Kind {
        GGUF("model.gguf"),
        SAFETENSORS("model.safetensors"),
        CONFIG("config.json"),
        TOKENIZER("tokenizer.json"),
        LLAMA2C("model.bin"),
        PYTORCH("pytorch_model.bin"),
        PYTORCH_LEGACY("pytorch_model.bin");

        final String file;

        Kind(String file) {
            this.file = file;
        }
    }

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void damageIsNamed(Kind kind) throws IOException {
        FuzzSubjects.write(kind.name(), directory);
        Path damaged = directory.resolve(kind.file);
        Path model = kind == Kind.GGUF || kind == Kind.LLAMA2C ? damaged : directory;
        byte[] sound = Files.readAllBytes(damaged);
        load(model); // sound, it can be loaded
        long seconds = Long.getLong("squall.fuzz.seconds", 0);
        long end = System.nanoTime() + seconds * 1_000_000_000L / Kind.values().length;
        long seed = seconds > 0 ? System.nanoTime() : 4_711;
        int refused = 0;
        int rounds = 0;
        for (; rounds < ROUNDS || System.nanoTime() < end; rounds++) {
            byte[] mutation = mutate(sound, new Random(seed + rounds), headerBytes(kind, sound));
            Files.write(damaged, mutation);
            refused += refused(model, kind + ", seed " + (seed + rounds)) ? 1 : 0;
        }
        assertThat(refused).as("of " + rounds + " damaged files").isGreaterThan(rounds / 4);
    }

    /** Loads a file within bounds; whether it was refused. */
    private boolean refused(Path model, String what) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        boolean refused = false;
        try {
            load(model);
        } catch (ModelFileException expected) {
            refused = true;
            assertThat(expected).as(what).hasMessageContaining(directory.toString());
            assertThat(expected).as(what).hasMessageContaining(", expected ");
        } catch (RuntimeException | Error wrong) {
            throw new AssertionError(what, wrong);
        }
        assertThat(System.nanoTime() - start).as("nanoseconds, " + what).isLessThan(MOST_NANOS);
        assertThat(threads.getCurrentThreadAllocatedBytes() - bytes)
                .as("bytes, " + what)
                .isLessThan(MOST_BYTES);
        return refused;
    }

    /** Everything that is read before the first token. */
    private static void load(Path model) {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            if (checkpoint.format() != Format.LLAMA2C) {
                Tokenizers.of(checkpoint, null);
            }
            TransformerOptions options = TransformerOptions.defaults().withContextLength(1);
            Transformer.load(Families.spec(checkpoint), checkpoint, KernelSet.reference(), options)
                    .close();
        }
    }

    /** Most damage goes where the structure is. */
    private static int headerBytes(Kind kind, byte[] sound) {
        return switch (kind) {
            case LLAMA2C -> 28;
            case SAFETENSORS ->
                (int) ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getLong() + 8;
            case PYTORCH, PYTORCH_LEGACY -> sound.length;
            case GGUF, CONFIG, TOKENIZER -> Math.min(sound.length, FuzzSubjects.headerBytes(sound));
        };
    }

    private static byte[] mutate(byte[] sound, Random random, int header) {
        byte[] bytes = sound.clone();
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
            int at = random.nextInt(Math.max(1, Math.min(header, bytes.length)));
            switch (random.nextInt(8)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> put(bytes, at, EXTREMES[random.nextInt(EXTREMES.length)], 4);
                case 3 -> put(bytes, at, EXTREMES[random.nextInt(EXTREMES.length)], 8);
                case 4 -> bytes = Arrays.copyOf(bytes, at + 1);
                case 5 -> { // a piece repeated
                    int length = Math.min(1 + random.nextInt(40), bytes.length - at);
                    ByteBuffer longer = ByteBuffer.allocate(bytes.length + length);
                    bytes = longer.put(bytes, 0, at + length)
                            .put(bytes, at, bytes.length - at)
                            .array();
                }
                case 6 -> { // a piece cut out
                    int length = Math.min(1 + random.nextInt(40), bytes.length - at);
                    ByteBuffer shorter = ByteBuffer.allocate(bytes.length - length);
                    bytes = shorter.put(bytes, 0, at)
                            .put(bytes, at + length, bytes.length - at - length)
                            .array();
                }
                default -> digits(bytes, at, random);
            }
            if (bytes.length == 0) {
                return bytes;
            }
        }
        return bytes;
    }

    private static void put(byte[] bytes, int at, long value, int size) {
        for (int i = 0; i < size && at + i < bytes.length; i++) {
            bytes[at + i] = (byte) (value >> (8 * i));
        }
    }

    /** The next digits of a text become others, or something that does not belong there. */
    private static void digits(byte[] bytes, int at, Random random) {
        byte[] other = "0123456789-.eE\"[]{}:,n".getBytes(StandardCharsets.US_ASCII);
        for (int i = at; i < Math.min(bytes.length, at + 60); i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
                bytes[i] = other[random.nextInt(other.length)];
                return;
            }
        }
    }
}
