package dev.squall.model.tokenizer;

import dev.squall.model.format.GgufMetadata;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.tokenizer.Vocabulary.Kind;
import dev.squall.model.tokenizer.Vocabulary.Spelling;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads the tokenizer out of a GGUF file's metadata, the keys {@code tokenizer.ggml.*}. */
final class GgufTokenizer {
    private static final String PREFIX = "tokenizer.ggml.";
    /** Names of tokens that end a turn or a text, in files that give no id for them. */
    private static final List<String> END_NAMES =
            List.of("<|eot_id|>", "<|im_end|>", "<|end_of_text|>", "<|endoftext|>", "<|eom_id|>", "<|end|>");

    private final GgufMetadata metadata;

    private GgufTokenizer(GgufMetadata metadata) {
        this.metadata = metadata;
    }

    static Tokenizer read(GgufMetadata metadata) {
        return new GgufTokenizer(metadata).read();
    }

    private Tokenizer read() {
        String model = metadata.string(PREFIX + "model");
        return switch (model) {
            case "llama" -> sentencePiece();
            case "gpt2" -> byteLevel();
            default -> throw refused("model", model, "llama (SentencePiece) or gpt2 (byte-level BPE)");
        };
    }

    private Tokenizer sentencePiece() {
        Vocabulary vocabulary = vocabulary(Spelling.SENTENCE_PIECE);
        float[] scores = metadata.floats(PREFIX + "scores");
        if (scores.length != vocabulary.size()) {
            throw refused("scores", scores.length + " scores", vocabulary.size() + ", one a token");
        }
        boolean prefixSpace = metadata.flag(PREFIX + "add_space_prefix", true);
        int unknown = id(vocabulary, "unknown_token_id", -1);
        return finish(vocabulary, new SentencePieceBpe(vocabulary, scores, unknown, prefixSpace), true, prefixSpace);
    }

    private Tokenizer byteLevel() {
        Vocabulary vocabulary = vocabulary(Spelling.BYTE_LEVEL);
        String pre = metadata.string(PREFIX + "pre", "gpt-2");
        PreTokenizer words = PreTokenizer.named(pre);
        if (words == null) {
            throw refused("pre", pre, "one of " + PreTokenizer.names());
        }
        boolean llama3 = pre.startsWith("llama");
        MergeTable merges = merges(vocabulary, metadata.strings(PREFIX + "merges"));
        boolean prefixSpace = metadata.flag(PREFIX + "add_space_prefix", false);
        TokenModel model = new ByteLevelBpe(
                vocabulary, merges, words, vocabulary.byteIds(), llama3, prefixSpace, pre.equals("qwen2"));
        return finish(vocabulary, model, llama3, prefixSpace);
    }

    private Tokenizer finish(Vocabulary vocabulary, TokenModel model, boolean bosByDefault, boolean prefixSpace) {
        int bos = id(vocabulary, "bos_token_id", -1);
        boolean addBos = metadata.flag(PREFIX + "add_bos_token", bosByDefault);
        return new Tokenizer(vocabulary, model, bos, addBos, endOfSequence(vocabulary), prefixSpace);
    }

    private Set<Integer> endOfSequence(Vocabulary vocabulary) {
        Set<Integer> ids = new LinkedHashSet<>();
        for (String key : List.of("eos_token_id", "eot_token_id", "eom_token_id")) {
            int id = id(vocabulary, key, -1);
            if (id >= 0) {
                ids.add(id);
            }
        }
        for (String name : END_NAMES) {
            int id = vocabulary.id(name);
            if (id >= 0 && vocabulary.kinds()[id] == Kind.CONTROL) {
                ids.add(id);
            }
        }
        return ids;
    }

    private Vocabulary vocabulary(Spelling spelling) {
        String[] pieces = metadata.strings(PREFIX + "tokens");
        Kind[] kinds = new Kind[pieces.length];
        Arrays.fill(kinds, Kind.NORMAL);
        if (metadata.has(PREFIX + "token_type")) {
            int[] types = metadata.integers(PREFIX + "token_type");
            if (types.length != pieces.length) {
                throw refused("token_type", types.length + " types", pieces.length + ", one a token");
            }
            for (int id = 0; id < kinds.length; id++) {
                kinds[id] = kind(types[id], pieces[id], id);
            }
        }
        return new Vocabulary(pieces, kinds, spelling);
    }

    private Kind kind(int type, String piece, int id) {
        return switch (type) {
            case 1, 5 -> Kind.NORMAL;
            case 2 -> Kind.UNKNOWN;
            case 3 -> Kind.CONTROL;
            case 4 -> Kind.USER_DEFINED;
            case 6 -> {
                if (!Vocabulary.looksLikeByte(piece)) {
                    throw refused("tokens[" + id + "]", "'" + piece + "'", "a byte such as <0x0A>");
                }
                yield Kind.BYTE;
            }
            default -> throw refused("token_type[" + id + "]", Integer.toString(type), "1 to 6");
        };
    }

    private MergeTable merges(Vocabulary vocabulary, String[] lines) {
        MergeTable merges = new MergeTable(lines.length);
        for (int rank = 0; rank < lines.length; rank++) {
            String line = lines[rank];
            int space = line.indexOf(' ', 1);
            int left = space < 0 ? -1 : vocabulary.id(line.substring(0, space));
            int right = space < 0 ? -1 : vocabulary.id(line.substring(space + 1));
            int into = left < 0 || right < 0
                    ? -1
                    : vocabulary.id(line.substring(0, space).concat(line.substring(space + 1)));
            if (into < 0) {
                throw refused("merges[" + rank + "]", "'" + line + "'", "two tokens whose merger is a token");
            }
            merges.put(left, right, rank, into);
        }
        return merges;
    }

    private int id(Vocabulary vocabulary, String key, int otherwise) {
        int id = metadata.integer(PREFIX + key, otherwise);
        if (id >= vocabulary.size()) {
            throw refused(key, Integer.toString(id), "less than the " + vocabulary.size() + " tokens");
        }
        return id;
    }

    private ModelFileException refused(String key, String found, String expected) {
        return new ModelFileException(metadata.file(), PREFIX + key, found, expected);
    }
}
