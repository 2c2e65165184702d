package dev.squall.model.ranking;

import dev.squall.model.tokenizer.TextFiles;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** How often each token of a vocabulary occurs in texts of any length; memory is that of one piece and of the counts. */
public final class TokenCounts {
    private static final int PIECE = 1 << 16; // characters

    private final Tokenizer tokenizer;
    private final long[] counts; // [vocabulary]
    private long total;

    public TokenCounts(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        counts = new long[tokenizer.vocabSize()];
    }

    /**
     * Counts a file's tokens.
     *
     * @param progress receives the characters that were read so far
     */
    public void addFile(Path file, LongConsumer progress) throws IOException {
        long[] read = new long[1];
        TextFiles.pieces(file, PIECE, piece -> {
            add(piece);
            read[0] += piece.length();
            progress.accept(read[0]);
        });
    }

    /** Counts a text's tokens, without special ones. */
    public void add(String text) {
        for (int id : tokenizer.encode(text, false)) {
            counts[id]++;
            total++;
        }
    }

    /** Tokens counted. */
    public long total() {
        return total;
    }

    /** How often a token was counted. */
    public long count(int id) {
        return counts[id];
    }

    public int vocabulary() {
        return counts.length;
    }

    /** The share of what was counted that some tokens make up. */
    public double share(int[] ids) {
        long inside = 0;
        for (int id : ids) {
            inside += counts[id];
        }
        return total == 0 ? 0 : (double) inside / total;
    }
}
