package dev.squall.model.tokenizer;

import dev.squall.model.format.GgufWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Small vocabularies, written in the tests, and the texts that are put through them. */
final class Vocabularies {
    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int BYTE = 6;

    private Vocabularies() {}

    /** A token of a SentencePiece vocabulary. */
    record Piece(String text, double score, int type) {}

    static Piece piece(String text, double score) {
        return new Piece(text, score, NORMAL);
    }

    /** GPT-2's characters of the 256 bytes: the visible ones of Latin-1 for themselves, 256 and up for the rest in order. */
    static String[] byteCharacters() {
        String[] characters = new String[256];
        IntStream.range(0, 256)
                .filter(b -> b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE)
                .forEach(b -> characters[b] = Character.toString(b));
        int next = 256;
        for (int b = 0; b < 256; b++) {
            if (characters[b] == null) {
                characters[b] = Character.toString(next++);
            }
        }
        return characters;
    }

    /** Tokens of byte-level BPE: a byte's id is its value, what merges make follows from 256 on. */
    static List<String> byteLevelTokens(List<String> merges) {
        List<String> tokens = new ArrayList<>(Arrays.asList(byteCharacters()));
        merges.forEach(merge -> tokens.add(merge.replace(" ", "")));
        return tokens;
    }

    /** A byte-level vocabulary in GGUF; control tokens follow the merges. */
    static GgufWriter byteLevel(String pre, List<String> merges, String... control) {
        List<String> tokens = byteLevelTokens(merges);
        List<Integer> types = new ArrayList<>(Collections.nCopies(tokens.size(), NORMAL));
        tokens.addAll(List.of(control));
        types.addAll(Collections.nCopies(control.length, CONTROL));
        return new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", pre)
                .put("tokenizer.ggml.tokens", tokens.toArray(String[]::new))
                .put("tokenizer.ggml.token_type", ints(types))
                .put("tokenizer.ggml.merges", merges.toArray(String[]::new));
    }

    /** A SentencePiece vocabulary in GGUF: unknown, beginning, end, 256 bytes where asked, then the pieces. */
    static GgufWriter sentencePiece(boolean bytes, Piece... pieces) {
        List<Piece> all = new ArrayList<>(
                List.of(new Piece("<unk>", 0, UNKNOWN), new Piece("<s>", 0, CONTROL), new Piece("</s>", 0, CONTROL)));
        for (int b = 0; bytes && b < 256; b++) {
            all.add(new Piece(String.format("<0x%02X>", b), 0, BYTE));
        }
        all.addAll(List.of(pieces));
        float[] scores = new float[all.size()];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = (float) all.get(id).score;
        }
        return new GgufWriter()
                .put("general.architecture", "llama")
                .put("tokenizer.ggml.model", "llama")
                .put("tokenizer.ggml.tokens", all.stream().map(Piece::text).toArray(String[]::new))
                .put("tokenizer.ggml.scores", scores)
                .put(
                        "tokenizer.ggml.token_type",
                        ints(all.stream().map(Piece::type).toList()))
                .put("tokenizer.ggml.bos_token_id", 1)
                .put("tokenizer.ggml.eos_token_id", 2)
                .put("tokenizer.ggml.unknown_token_id", 0);
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    static Tokenizer open(GgufWriter writer) {
        return open("vocabulary.gguf", writer.bytes(), null);
    }

    /** Reads a tokenizer's file, which is gone again afterwards. */
    static Tokenizer open(String name, byte[] contents, String pre) {
        try {
            Path directory = Files.createTempDirectory("squall");
            Path file = directory.resolve(name);
            try {
                Files.write(file, contents);
                return Tokenizers.open(file, null, pre);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How the vocabulary writes each token of a text, joined by bars: what a test reads best. */
    static String pieces(Tokenizer tokenizer, String text) {
        return String.join(
                "|",
                Arrays.stream(tokenizer.encode(text, false))
                        .mapToObj(tokenizer::piece)
                        .toList());
    }

    /** Texts of whole characters from all of Unicode: letters that the vocabularies know, white space, emoji, the rest. */
    static Arbitrary<String> texts() {
        Arbitrary<Integer> known = Arbitraries.of('h', 'e', 'l', 'o', 'w', 'r', 'd', ' ', '\n', '1', '2', '\'', '.')
                .map(c -> (int) c);
        Arbitrary<Integer> emoji = Arbitraries.of(
                0x1F600, 0x1F468, 0x200D, 0x1F469, 0x1F467, 0xFE0F, 0x1F1E9, 0x1F1EA, 0x0301, 0xE9, 0x65E5, 0x3000);
        Arbitrary<Integer> any = Arbitraries.integers()
                .between(0, Character.MAX_CODE_POINT)
                .filter(c -> (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) && c != Vocabulary.SPACE);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(5, known),
                        net.jqwik.api.Tuple.of(2, emoji),
                        net.jqwik.api.Tuple.of(2, any))
                .list()
                .ofMaxSize(40)
                .map(points -> points.stream().map(Character::toString).reduce("", String::concat));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
