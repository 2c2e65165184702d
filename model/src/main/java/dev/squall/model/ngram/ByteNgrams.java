package dev.squall.model.ngram;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An interpolated n-gram model of bytes with Witten-Bell smoothing (Witten and Bell 1991; in the recursive form of Chen and
 * Goodman 1998). With c the count of a byte behind a context of k bytes, n the count of all bytes behind it and t the number
 * of different ones,
 *
 * <pre>
 *   P_k(byte | context) = (c + t * P_(k-1)(byte | context without its first byte)) / (n + t)
 *   P_0(byte)           = (c + t / 256) / (n + t)
 * </pre>
 *
 * A context that never came leaves the shorter one's probability. So the probabilities of 256 bytes sum to one, and none is
 * zero. An order of 5 is a context of up to 4 bytes. Every text begins with no context.
 *
 * <p>Texts are streamed; memory grows with the different contexts only.
 */
public final class ByteNgrams {
    /** A context of 4 bytes, the byte behind it and a length fit in 64 bits. */
    private static final int HIGHEST_ORDER = 5;

    private static final int BYTES = 256;
    private static final int TOTAL = 1 << 16; // keys of a context's sums, apart from those of its bytes
    private static final int KINDS = 2 << 16;

    private final int order;
    private final LongCounts counts = new LongCounts();

    /**
     * What a text costs.
     *
     * @param bits the negative logarithm of its probability, to the base of 2
     */
    public record Cost(long bytes, double bits) {
        public double bitsPerByte() {
            return bits / bytes;
        }
    }

    public ByteNgrams(int order) {
        if (order < 1 || order > HIGHEST_ORDER) {
            throw new IllegalArgumentException("order: found " + order + ", expected 1 to " + HIGHEST_ORDER);
        }
        this.order = order;
    }

    /** Counts the bytes of a text. */
    public void add(InputStream text) throws IOException {
        long history = 0; // the bytes before, the last one lowest
        int known = 0;
        for (int next = text.read(); next >= 0; next = text.read()) {
            for (int length = 0; length <= known; length++) {
                long context = context(history, length);
                counts.add(context | TOTAL, 1);
                if (counts.add(context | next, 1) == 1) {
                    counts.add(context | KINDS, 1);
                }
            }
            history = history << 8 | next;
            known = Math.min(known + 1, order - 1);
        }
    }

    /** The cost of a text that was not counted. */
    public Cost measure(InputStream text) throws IOException {
        long history = 0;
        int known = 0;
        long bytes = 0;
        double bits = 0;
        for (int next = text.read(); next >= 0; next = text.read()) {
            bits -= Math.log(probability(history, known, next)) / Math.log(2);
            bytes++;
            history = history << 8 | next;
            known = Math.min(known + 1, order - 1);
        }
        if (bytes == 0) {
            throw new IllegalArgumentException("text: found no bytes, expected some");
        }
        return new Cost(bytes, bits);
    }

    /** The probability of a byte behind others, of which the last order - 1 count. */
    public double probability(byte[] before, int next) {
        long history = 0;
        for (byte octet : before) {
            history = history << 8 | octet & 0xFF;
        }
        return probability(history, Math.min(before.length, order - 1), next);
    }

    private double probability(long history, int known, int next) {
        double probability = 1.0 / BYTES;
        for (int length = 0; length <= known; length++) {
            long context = context(history, length);
            long total = counts.get(context | TOTAL);
            if (total == 0) {
                break; // longer contexts never came either
            }
            long kinds = counts.get(context | KINDS);
            probability = (counts.get(context | next) + kinds * probability) / (total + kinds);
        }
        return probability;
    }

    /** [context 32 bits][length 4 bits][sums or byte 20 bits] */
    private static long context(long history, int length) {
        long last = history & (1L << 8 * length) - 1;
        return last << 24 | (long) length << 20;
    }

    /** Counts all files of a text; each is read as a stream. */
    public static ByteNgrams of(int order, Iterable<Path> files) throws IOException {
        ByteNgrams model = new ByteNgrams(order);
        for (Path file : files) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
                model.add(in);
            }
        }
        return model;
    }

    /** The cost of a file. */
    public Cost measure(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return measure(in);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }
}
