package dev.squall.model.tokenizer;

import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.tokenizer.Vocabulary.Kind;
import dev.squall.model.tokenizer.Vocabulary.Spelling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The tokenizer of RoBERTa from the files that it was published in, for want of a tokenizer.json: GPT-2's byte-level merges,
 * with ids of its own.
 *
 * <pre>
 *   Hugging Face   vocab.json    piece -> id
 *                  merges.txt    one pair a line, in order of rank
 *   fairseq        encoder.json  piece -> id of GPT-2
 *                  dict.txt      ids of GPT-2, one a line, by frequency: line n (from 0) is token n + 4
 *                  vocab.bpe     as merges.txt
 * </pre>
 *
 * In fairseq's order the tokens 0 to 3 are {@code <s> <pad> </s> <unk>}, three fillers follow the words, and the mask comes
 * last. A mask swallows the white space in front of it.
 */
final class RobertaFiles {
    private static final List<String> FIRST = List.of("<s>", "<pad>", "</s>", "<unk>");
    private static final String MASK = "<mask>";
    private static final int FILLERS = 3;

    private RobertaFiles() {}

    static boolean areIn(Path directory) {
        return has(directory, "vocab.json", "merges.txt") || has(directory, "dict.txt", "encoder.json", "vocab.bpe");
    }

    private static boolean has(Path directory, String... names) {
        return Arrays.stream(names).allMatch(name -> Files.isRegularFile(directory.resolve(name)));
    }

    /** @throws ModelFileException if a file is malformed or is not one of RoBERTa */
    static Tokenizer read(Path directory) {
        boolean huggingFace = has(directory, "vocab.json", "merges.txt");
        Path file = directory.resolve(huggingFace ? "vocab.json" : "encoder.json");
        Map<String, Integer> ids = ids(file);
        if (!huggingFace) {
            ids = fairseq(ids, file, directory.resolve("dict.txt"));
        }
        int size = ids.size();
        String[] pieces = new String[size];
        Kind[] kinds = new Kind[size];
        Arrays.fill(kinds, Kind.NORMAL);
        for (Map.Entry<String, Integer> entry : ids.entrySet()) {
            int id = entry.getValue();
            if (id >= size || pieces[id] != null) {
                throw new ModelFileException(
                        file, entry.getKey(), "id " + id, "an id of its own below " + size + ", the number of tokens");
            }
            pieces[id] = entry.getKey();
        }
        Vocabulary vocabulary = new Vocabulary(pieces, kinds, Spelling.BYTE_LEVEL);
        for (String special : List.of("<s>", "<pad>", "</s>", "<unk>", MASK)) {
            int id = vocabulary.id(special);
            if (id < 0) {
                throw new ModelFileException(
                        file, "token " + special, "nothing", "the special tokens of RoBERTa, or a tokenizer.json");
            }
            kinds[id] = Kind.CONTROL;
        }
        MergeTable merges = merges(vocabulary, directory.resolve(huggingFace ? "merges.txt" : "vocab.bpe"));
        ByteLevelBpe model = new ByteLevelBpe(
                vocabulary,
                merges,
                new PreTokenizer(List.of(PreTokenizer.gpt2())),
                vocabulary.byteIds(),
                false,
                false,
                false);
        int begin = vocabulary.id("<s>");
        Set<Integer> ends = Set.of(vocabulary.id("</s>"));
        return new Tokenizer(vocabulary, model, begin, true, ends, false, Set.of(vocabulary.id(MASK)));
    }

    private static Map<String, Integer> ids(Path file) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : JsonFiles.object(file).properties()) {
            JsonNode id = entry.getValue();
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
                throw new ModelFileException(file, entry.getKey(), id.toString(), "an id from 0");
            }
            ids.put(entry.getKey(), id.intValue());
        }
        return ids;
    }

    private static Map<String, Integer> fairseq(Map<String, Integer> gpt2, Path encoder, Path dictionary) {
        String[] pieces = new String[gpt2.size()];
        gpt2.forEach((piece, id) -> {
            if (id >= pieces.length) {
                throw new ModelFileException(encoder, piece, "id " + id, "one below " + pieces.length);
            }
            pieces[id] = piece;
        });
        List<String> lines = lines(dictionary);
        Map<String, Integer> ids = new LinkedHashMap<>();
        FIRST.forEach(special -> ids.put(special, ids.size()));
        for (int line = 0; line < pieces.length; line++) {
            String id = line < lines.size() ? lines.get(line).split(" ")[0] : "nothing";
            if (!id.matches("\\d{1,9}") || Integer.parseInt(id) >= pieces.length) {
                throw new ModelFileException(
                        dictionary, "line " + (line + 1), id, "an id of encoder.json, below " + pieces.length);
            }
            ids.put(pieces[Integer.parseInt(id)], ids.size());
        }
        for (int filler = 0; filler < FILLERS; filler++) {
            ids.put(String.format("madeupword%04d", filler), ids.size());
        }
        ids.put(MASK, ids.size());
        return ids;
    }

    private static MergeTable merges(Vocabulary vocabulary, Path file) {
        List<String> lines = lines(file);
        MergeTable merges = new MergeTable(lines.size());
        int rank = 0;
        for (int line = 0; line < lines.size(); line++) {
            String text = lines.get(line);
            if (text.isEmpty() || line == 0 && text.startsWith("#version")) {
                continue;
            }
            String[] pair = text.split(" ");
            int left = vocabulary.id(pair[0]);
            int right = pair.length == 2 ? vocabulary.id(pair[1]) : -1;
            int into = left < 0 || right < 0 ? -1 : vocabulary.id(pair[0] + pair[1]);
            if (into < 0) {
                throw new ModelFileException(
                        file, "line " + (line + 1), "'" + text + "'", "two tokens whose merger is a token");
            }
            merges.put(left, right, rank++, into);
        }
        return merges;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new ModelFileException(file, "file", e.toString(), "a text in UTF-8", e);
        }
    }
}
