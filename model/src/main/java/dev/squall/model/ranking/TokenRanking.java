package dev.squall.model.ranking;

import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tokens of a vocabulary by how often they occur: what a draft may guess is its beginning (Zhao et al. 2025, FR-Spec).
 *
 * @param vocabulary tokens of the tokenizer
 * @param counted tokens of the text that was counted
 * @param ids tokens that occurred, the most frequent first; of two as frequent, the lower first
 * @param counts [ids], how often
 * @param forced tokens that every selection holds, ascending: those that end or begin a text, those of chat templates, single
 *     bytes; a draft that can never propose them would stumble over every one
 */
public record TokenRanking(int vocabulary, long counted, int[] ids, long[] counts, int[] forced) {
    /** Ranks what was counted. */
    public static TokenRanking of(TokenCounts counts, SortedSet<Integer> forced) {
        int[] ids = IntStream.range(0, counts.vocabulary())
                .filter(id -> counts.count(id) > 0)
                .boxed()
                .sorted((a, b) -> Long.compare(counts.count(b), counts.count(a))) // stable: ids ascend
                .mapToInt(Integer::intValue)
                .toArray();
        long[] frequencies = Arrays.stream(ids).mapToLong(counts::count).toArray();
        int[] always = forced.stream().mapToInt(Integer::intValue).toArray();
        for (int id : always) {
            if (id < 0 || id >= counts.vocabulary()) {
                throw new IllegalArgumentException(
                        "forced token: found " + id + ", expected 0 to " + (counts.vocabulary() - 1));
            }
        }
        return new TokenRanking(counts.vocabulary(), counts.total(), ids, frequencies, always);
    }

    /**
     * What every selection has to hold for a tokenizer.
     *
     * @param template source of the chat template, empty for none
     */
    public static SortedSet<Integer> forced(Tokenizer tokenizer, String template) {
        SortedSet<Integer> ids = new TreeSet<>(tokenizer.endOfSequence());
        tokenizer.bos().ifPresent(ids::add);
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            boolean named =
                    tokenizer.isSpecial(id) && !tokenizer.piece(id).isEmpty() && template.contains(tokenizer.piece(id));
            if (named || tokenizer.bytes(id).length == 1) {
                ids.add(id);
            }
        }
        return ids;
    }

    /**
     * A selection: the most frequent tokens that are not forced, then those that are.
     *
     * @throws IllegalArgumentException if there are not so many tokens, or fewer are asked for than are forced
     */
    public int[] top(int size) {
        if (size < forced.length || size > largest()) {
            throw new IllegalArgumentException("size of a selection: found " + size + ", expected " + forced.length
                    + ", the forced tokens, to " + largest() + ", those that occurred besides");
        }
        BitSet always = set(forced);
        IntStream frequent = Arrays.stream(ids).filter(id -> !always.get(id)).limit(size - forced.length);
        return IntStream.concat(frequent, Arrays.stream(forced)).toArray();
    }

    /** The largest size that {@link #top} can fill. */
    public int largest() {
        BitSet all = set(ids);
        all.or(set(forced));
        return all.cardinality();
    }

    private static BitSet set(int[] members) {
        BitSet set = new BitSet();
        Arrays.stream(members).forEach(set::set);
        return set;
    }

    /** Writes the ranking as one object of JSON. */
    public void write(Path file) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("vocabulary", vocabulary);
        object.put("counted", counted);
        object.put("forced", forced);
        object.put("ids", ids);
        object.put("counts", counts);
        Files.write(file, JsonMapper.builder().build().writeValueAsBytes(object));
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws ModelFileException if a field is missing or wrong, an id stands twice or lies outside the vocabulary
     */
    public static TokenRanking read(Path file) {
        JsonNode object = JsonFiles.object(file);
        long vocabulary = number(file, object, "vocabulary");
        if (vocabulary < 1 || vocabulary > 1 << 28) {
            throw new ModelFileException(file, "vocabulary", Long.toString(vocabulary), "1 to " + (1 << 28));
        }
        int[] ids = ids(file, object, "ids", (int) vocabulary);
        JsonNode counts = object.path("counts");
        if (!counts.isArray() || counts.size() != ids.length) {
            throw new ModelFileException(
                    file, "counts", counts.isArray() ? counts.size() + " numbers" : "no list", ids.length + " numbers");
        }
        long[] frequencies = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            frequencies[i] = counts.get(i).asLong(-1);
            if (frequencies[i] < 1 || i > 0 && frequencies[i] > frequencies[i - 1]) {
                throw new ModelFileException(
                        file,
                        "counts[" + i + "]",
                        counts.get(i).toString(),
                        "a positive number, none above the one before");
            }
        }
        return new TokenRanking(
                (int) vocabulary, number(file, object, "counted"), ids, frequencies, ids(file, object, "forced", (int)
                        vocabulary));
    }

    private static long number(Path file, JsonNode object, String field) {
        JsonNode node = object.path(field);
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw new ModelFileException(file, field, node.isMissingNode() ? "nothing" : node.toString(), "an integer");
        }
        return node.longValue();
    }

    private static int[] ids(Path file, JsonNode object, String field, int vocabulary) {
        JsonNode list = object.path(field);
        if (!list.isArray()) {
            throw new ModelFileException(file, field, "no list", "a list of tokens");
        }
        int[] ids = new int[list.size()];
        BitSet seen = new BitSet();
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = list.get(i);
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= vocabulary) {
                throw new ModelFileException(
                        file, field + "[" + i + "]", id.toString(), "a token from 0 to " + (vocabulary - 1));
            }
            ids[i] = id.intValue();
            if (seen.get(ids[i])) {
                throw new ModelFileException(file, field + "[" + i + "]", id + " again", "every token once");
            }
            seen.set(ids[i]);
        }
        return ids;
    }
}
