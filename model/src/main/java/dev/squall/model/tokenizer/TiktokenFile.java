package dev.squall.model.tokenizer;

import dev.squall.model.format.ModelFileException;
import dev.squall.model.tokenizer.Vocabulary.Kind;
import dev.squall.model.tokenizer.Vocabulary.Spelling;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a tiktoken rank file: a line a token, its bytes in Base64 and its rank, which is its id. There are no merges: two
 * neighbours merge when together they are a token, the lowest rank first. Llama 3's 256 special tokens follow the ranks.
 */
final class TiktokenFile {
    private static final int LLAMA3_RANKS = 128_000;
    private static final int SPECIAL = 256;
    private static final Map<Integer, String> LLAMA3_SPECIAL = Map.of(
            0, "<|begin_of_text|>",
            1, "<|end_of_text|>",
            4, "<|finetune_right_pad_id|>",
            6, "<|start_header_id|>",
            7, "<|end_header_id|>",
            8, "<|eom_id|>",
            9, "<|eot_id|>",
            10, "<|python_tag|>");

    private TiktokenFile() {}

    /** @param pre the pre-tokeniser's name, null for Llama 3's */
    static Tokenizer read(Path file, String pre) {
        PreTokenizer words = PreTokenizer.named(pre == null ? "llama3" : pre);
        if (words == null) {
            throw new IllegalArgumentException(
                    "pre-tokeniser: found " + pre + ", expected one of " + PreTokenizer.names());
        }
        List<String> pieces = pieces(file);
        int ranks = pieces.size();
        boolean llama3 = ranks == LLAMA3_RANKS && (pre == null || pre.startsWith("llama"));
        if (llama3) {
            int reserved = 0;
            for (int i = 0; i < SPECIAL; i++) {
                String name = LLAMA3_SPECIAL.get(i);
                pieces.add(name != null ? name : "<|reserved_special_token_" + reserved++ + "|>");
            }
        }
        Kind[] kinds = new Kind[pieces.size()];
        Arrays.fill(kinds, Kind.NORMAL);
        Arrays.fill(kinds, ranks, kinds.length, Kind.CONTROL);
        Vocabulary vocabulary = new Vocabulary(pieces.toArray(String[]::new), kinds, Spelling.BYTE_LEVEL);
        TokenModel model = new RankedBpe(vocabulary, words);
        return llama3
                ? new Tokenizer(vocabulary, model, ranks, true, Set.of(ranks + 1, ranks + 8, ranks + 9), false)
                : new Tokenizer(vocabulary, model, -1, false, Set.of(), false);
    }

    private static List<String> pieces(Path file) {
        List<String> pieces = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int space = line.indexOf(' ');
                String where = "line " + (pieces.size() + 1);
                if (space < 1 || !line.substring(space + 1).equals(Integer.toString(pieces.size()))) {
                    throw new ModelFileException(
                            file, where, "'" + line + "'", "a token in Base64, a space, and " + pieces.size());
                }
                try {
                    pieces.add(ByteAlphabet.encode(Base64.getDecoder().decode(line.substring(0, space))));
                } catch (IllegalArgumentException e) {
                    throw new ModelFileException(file, where, "'" + line + "'", "a token in Base64", e);
                }
            }
        } catch (IOException e) {
            throw new ModelFileException(file, "file", e.toString(), "a readable file", e);
        }
        return pieces;
    }

    /** Byte-pair encoding where the ranks of merges are the ids of what they make. */
    private record RankedBpe(Vocabulary vocabulary, PreTokenizer words) implements TokenModel {
        @Override
        public void encode(String text, boolean first, Ids out) {
            for (String word : words.split(text)) {
                String bytes = ByteAlphabet.encode(word.getBytes(StandardCharsets.UTF_8));
                int whole = vocabulary.textId(bytes);
                if (whole >= 0) {
                    out.add(whole);
                } else {
                    merge(bytes, out);
                }
            }
        }

        private void merge(String bytes, Ids out) {
            int[] end = new int[bytes.length()];
            for (int i = 0; i < end.length; i++) {
                end[i] = i + 1;
            }
            int[] symbols = MergeQueue.merge(end.length, new MergeQueue.Pairs() {
                @Override
                public int rank(int left, int right) {
                    return vocabulary.textId(bytes.substring(left, end[right]));
                }

                @Override
                public void merge(int left, int right) {
                    end[left] = end[right];
                }
            });
            for (int symbol : symbols) {
                int id = vocabulary.textId(bytes.substring(symbol, end[symbol]));
                if (id >= 0) {
                    out.add(id);
                }
            }
        }
    }
}
