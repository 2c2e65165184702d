package dev.squall.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Learns a byte-level BPE vocabulary (Sennrich et al. 2016, over bytes as in Radford et al. 2019): all words begin as
 * bytes, and the most frequent pair of neighbours becomes a token, again and again. Of pairs with one count the one with
 * the smaller left token comes first, then the one with the smaller right token; so a text has one vocabulary.
 *
 * <p>Words that are required take part like all others, with their count in the text. But as soon as the room left in the
 * vocabulary is what they may still need, only pairs in required words merge, until each is one token; what they leave
 * goes to the text again. Their merges are learned in the order in which they are applied, last, and so the text decides
 * about all others.
 */
public final class BpeTrainer {
    private static final int BYTES = 256;
    private static final int REPORT_EVERY = 1024;
    private static final long FEWEST = 2; // a pair that came once is no pattern

    /**
     * What was learned.
     *
     * @param special tokens of the model, which are no text: ids from 0
     * @param pieces [vocab], special tokens, the 256 bytes, then mergers, written in {@link ByteAlphabet}
     * @param merges pairs of pieces, by rank
     * @param wanted the vocabulary that was asked for; a small text gives less
     * @param unspaced required words that cannot be one token behind a space, since the pattern cuts there
     */
    public record Learned(
            List<String> special, List<String> pieces, List<String[]> merges, int wanted, List<String> unspaced) {}

    private static final class Word {
        final long count;
        final boolean required;
        int[] symbols;

        Word(int[] symbols, long count, boolean required) {
            this.symbols = symbols;
            this.count = count;
            this.required = required;
        }
    }

    private record Candidate(long count, long pair) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byCount = Long.compare(other.count, count);
            return byCount != 0 ? byCount : Long.compare(pair, other.pair);
        }
    }

    private final List<String> special;
    private final List<String> pieces = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String[]> merges = new ArrayList<>();
    private final Set<Long> merged = new HashSet<>();
    private final List<Word> words = new ArrayList<>();
    private final List<Word> required = new ArrayList<>();
    private final List<String> unspaced = new ArrayList<>();
    private final Map<Long, Long> pairCounts = new HashMap<>(); // left << 32 | right
    private final Map<Long, Set<Word>> pairWords = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

    private BpeTrainer(List<String> special) {
        this.special = List.copyOf(special);
        for (String token : special) {
            if (token.isEmpty() || ids.putIfAbsent(token, pieces.size()) != null) {
                throw new IllegalArgumentException(
                        "special tokens: found '" + token + "' twice or empty, expected names that differ");
            }
            pieces.add(token);
        }
        for (int octet = 0; octet < BYTES; octet++) {
            String piece = String.valueOf(ByteAlphabet.character(octet));
            if (ids.putIfAbsent(piece, pieces.size()) != null) {
                throw new IllegalArgumentException(
                        "special tokens: found '" + piece + "', expected no name of a single character");
            }
            pieces.add(piece);
        }
    }

    /**
     * Learns a vocabulary.
     *
     * @param counts the words of the text
     * @param vocabulary how many tokens, special ones and bytes among them
     * @param required words that become one token, with and without a space in front
     * @param special names of special tokens; they get the first ids
     * @param progress receives a line now and then
     * @throws IllegalArgumentException if there is no text, or the vocabulary is too small for what must be in it
     */
    public static Learned learn(
            WordCounts counts,
            int vocabulary,
            Collection<String> required,
            List<String> special,
            Consumer<String> progress) {
        if (counts.size() == 0) {
            throw new IllegalArgumentException("corpus: found no words, expected text");
        }
        for (String token : special) {
            if (counts.oneWord(token)) {
                throw new IllegalArgumentException("special tokens: found '" + token
                        + "', expected a name that no word of a text can become, such as <name>");
            }
        }
        BpeTrainer trainer = new BpeTrainer(special);
        trainer.addWords(counts, required);
        trainer.checkRoom(vocabulary);
        trainer.mergeUpTo(vocabulary, progress);
        trainer.checkRequired();
        return new Learned(
                trainer.special,
                List.copyOf(trainer.pieces),
                List.copyOf(trainer.merges),
                vocabulary,
                List.copyOf(trainer.unspaced));
    }

    private void addWords(WordCounts counts, Collection<String> requiredWords) {
        Set<String> forms = new HashSet<>();
        for (String word : requiredWords) {
            if (word.isBlank() || !counts.oneWord(word)) {
                throw new IllegalArgumentException("required word: found '" + word
                        + "', expected a word that the pre-tokeniser leaves whole: letters, digits or signs only");
            }
            forms.add(word);
            if (counts.oneWord(" " + word)) {
                forms.add(" " + word);
            } else {
                unspaced.add(word);
            }
        }
        counts.sorted().forEach(entry -> addWord(entry.getKey(), entry.getValue(), forms.remove(entry.getKey())));
        forms.stream().sorted().forEach(form -> addWord(form, 0, true));
        pairCounts.forEach((pair, count) -> queue.add(new Candidate(count, pair)));
    }

    private void addWord(String text, long count, boolean isRequired) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] symbols = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            symbols[i] = special.size() + (bytes[i] & 0xFF);
        }
        Word word = new Word(symbols, count, isRequired);
        words.add(word);
        if (isRequired) {
            required.add(word);
        }
        countPairs(word, 1, new HashSet<>());
    }

    private void checkRoom(int vocabulary) {
        int least = pieces.size() + needed();
        if (vocabulary < least) {
            throw new IllegalArgumentException("vocabulary: found " + vocabulary + ", expected at least " + least + ": "
                    + special.size() + " special tokens, " + BYTES + " bytes, and " + needed()
                    + " mergers that required words may need");
        }
    }

    /** How many mergers the required words need at most: fewer if they share some. */
    private int needed() {
        return required.stream().mapToInt(word -> word.symbols.length - 1).sum();
    }

    private void mergeUpTo(int vocabulary, Consumer<String> progress) {
        int needed = needed();
        while (pieces.size() < vocabulary) {
            Candidate best = pieces.size() + needed < vocabulary ? mostFrequent() : null;
            if (best == null) {
                best = mostFrequentRequired();
            }
            if (best == null) {
                return; // the text has no more patterns
            }
            merge(best.pair);
            needed = needed();
            if (merges.size() % REPORT_EVERY == 0) {
                progress.accept(pieces.size() + " of " + vocabulary + " tokens");
            }
        }
    }

    /** The most frequent pair of the text; counts that changed since they were queued are queued anew. */
    private Candidate mostFrequent() {
        while (!queue.isEmpty()) {
            Candidate candidate = queue.poll();
            long now = pairCounts.getOrDefault(candidate.pair, 0L);
            if (now < FEWEST) {
                continue;
            }
            if (now == candidate.count) {
                return candidate;
            }
            queue.add(new Candidate(now, candidate.pair));
        }
        return null;
    }

    /** The pair that most of the required words have, those that are not one token yet. */
    private Candidate mostFrequentRequired() {
        Map<Long, Long> counts = new HashMap<>();
        for (Word word : required) {
            for (int i = 1; i < word.symbols.length; i++) {
                counts.merge(pair(word.symbols[i - 1], word.symbols[i]), 1L, Long::sum);
            }
        }
        return counts.entrySet().stream()
                .map(entry -> new Candidate(entry.getValue(), entry.getKey()))
                .min(Candidate::compareTo)
                .orElse(null);
    }

    private void merge(long pair) {
        int left = (int) (pair >>> 32);
        int right = (int) pair;
        String piece = pieces.get(left) + pieces.get(right);
        int into = ids.computeIfAbsent(piece, p -> {
            pieces.add(p);
            return pieces.size() - 1;
        });
        if (merged.add(pair)) {
            merges.add(new String[] {pieces.get(left), pieces.get(right)});
        }
        Set<Long> changed = new HashSet<>();
        for (Word word : pairWords.remove(pair)) {
            countPairs(word, -1, changed);
            word.symbols = replaced(word.symbols, left, right, into);
            countPairs(word, 1, changed);
        }
        for (long other : changed) {
            long count = pairCounts.getOrDefault(other, 0L);
            if (count >= FEWEST) {
                queue.add(new Candidate(count, other));
            }
        }
    }

    private static int[] replaced(int[] symbols, int left, int right, int into) {
        int[] out = new int[symbols.length];
        int size = 0;
        for (int i = 0; i < symbols.length; i++) {
            boolean here = i + 1 < symbols.length && symbols[i] == left && symbols[i + 1] == right;
            out[size++] = here ? into : symbols[i];
            i += here ? 1 : 0;
        }
        return java.util.Arrays.copyOf(out, size);
    }

    /** Adds a word's pairs to the counts, or takes them away. */
    private void countPairs(Word word, int sign, Set<Long> changed) {
        for (int i = 1; i < word.symbols.length; i++) {
            long pair = pair(word.symbols[i - 1], word.symbols[i]);
            pairCounts.merge(pair, sign * word.count, (a, b) -> a + b == 0 ? null : a + b);
            changed.add(pair);
            if (sign > 0) {
                pairWords.computeIfAbsent(pair, p -> new HashSet<>()).add(word);
            } else if (pairWords.containsKey(pair)) {
                pairWords.get(pair).remove(word);
            }
        }
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    /** Encodes every required word as a tokenizer does, by rank. */
    private void checkRequired() {
        MergeTable table = new MergeTable(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            String left = merges.get(rank)[0];
            String right = merges.get(rank)[1];
            table.put(ids.get(left), ids.get(right), rank, ids.get(left + right));
        }
        for (Word word : required) {
            StringBuilder text = new StringBuilder();
            for (int symbol : word.symbols) {
                text.append(pieces.get(symbol));
            }
            byte[] bytes = ByteAlphabet.decode(text.toString());
            int[] symbols = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                symbols[i] = special.size() + (bytes[i] & 0xFF);
            }
            ByteLevelBpe.mergeAll(symbols, table);
            if (symbols[0] < 0 || !pieces.get(symbols[0]).contentEquals(text)) {
                throw new IllegalStateException(
                        "required word '" + new String(bytes, StandardCharsets.UTF_8) + "' is not one token");
            }
        }
    }
}
