package dev.squall.model.tokenizer;

import dev.squall.model.format.ModelFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/**
 * How often each word of a text occurs, words being what GPT-2's pattern cuts: all that byte-pair encoding learns from.
 *
 * <p>Memory does not grow with the text. It is read in pieces, cut only between a letter or sign and the white space
 * behind it, where the pattern always cuts. Past a number of different words the rarest are given up, and counted: first
 * those that came once, then those that came up to twice, and so on.
 */
public final class WordCounts {
    /** A book of a million words has some 30 thousand different ones. */
    private static final int MOST_WORDS = 1 << 22;

    private static final int PIECE = 1 << 20; // characters

    private final PreTokenizer pattern = new PreTokenizer(List.of(PreTokenizer.gpt2()));
    private final Map<String, Long> counts = new HashMap<>();
    private final int mostWords;
    private final int piece;
    private long rare; // words that came at most so often were given up at some time
    private long givenUp;

    public WordCounts() {
        this(MOST_WORDS, PIECE);
    }

    /**
     * @param mostWords different words that are kept
     * @param piece characters that are read at a time
     */
    WordCounts(int mostWords, int piece) {
        this.mostWords = mostWords;
        this.piece = piece;
    }

    /**
     * Adds the words of a file.
     *
     * @throws ModelFileException if the file is empty, binary, or no UTF-8
     */
    public void addFile(Path file) throws IOException {
        TextFiles.pieces(file, piece, this::addText);
    }

    /** Adds the words of a whole text. */
    public void addText(String text) {
        for (String word : pattern.split(text)) {
            counts.merge(word, 1L, Long::sum);
            if (counts.size() > mostWords) {
                giveUpRarest();
            }
        }
    }

    private void giveUpRarest() {
        while (counts.size() > mostWords / 2) {
            rare++;
            int before = counts.size();
            counts.values().removeIf(count -> count <= rare);
            givenUp += before - counts.size();
        }
    }

    /** How often words were given up; one that comes again counts anew. */
    public long givenUp() {
        return givenUp;
    }

    /** Different words. */
    public int size() {
        return counts.size();
    }

    /** The words, the most frequent first, those of one count in alphabetical order. */
    List<Entry<String, Long>> sorted() {
        return counts.entrySet().stream()
                .sorted(Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Entry.comparingByKey()))
                .toList();
    }

    /** Whether the pattern leaves a text whole, so that it can become one token. */
    boolean oneWord(String text) {
        return pattern.split(text).size() == 1;
    }
}
