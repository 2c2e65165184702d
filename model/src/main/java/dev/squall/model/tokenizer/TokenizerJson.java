package dev.squall.model.tokenizer;

import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.tokenizer.CharacterBpe.Prefix;
import dev.squall.model.tokenizer.Vocabulary.Kind;
import dev.squall.model.tokenizer.Vocabulary.Spelling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Reads tokenizer.json, the description of a pipeline (normaliser, pre-tokeniser, BPE model, post-processor). Two pipelines
 * are known: byte-level BPE, and SentencePiece's with byte fallback; a step outside them is an error.
 */
final class TokenizerJson {
    private final Path file;
    private final JsonNode root;
    private boolean byteLevel;
    private boolean compose;
    private boolean prefixSpace; // of byte-level BPE
    private Prefix prefix = Prefix.NEVER; // of the other
    private boolean words;
    private final List<Pattern> patterns = new ArrayList<>();

    private TokenizerJson(Path file) {
        this.file = file;
        this.root = JsonFiles.object(file);
    }

    /**
     * @param addBos what tokenizer_config.json says of a beginning-of-sequence token, null for nothing
     * @param bosToken how it writes that token, null for nothing
     * @param eosToken how it writes the end-of-sequence token, null for nothing; for want of the model's own ids
     * @param endOfSequence the ids that end a text by the model's configuration
     */
    static Tokenizer read(Path file, Boolean addBos, String bosToken, String eosToken, Set<Integer> endOfSequence) {
        return new TokenizerJson(file).read(addBos, bosToken, eosToken, endOfSequence);
    }

    private Tokenizer read(Boolean addBos, String bosToken, String eosToken, Set<Integer> endOfSequence) {
        normalizer("normalizer", root.path("normalizer"));
        preTokenizer("pre_tokenizer", root.path("pre_tokenizer"));
        JsonNode bpe = root.path("model");
        if (!bpe.path("type").asString("BPE").equals("BPE")
                || !bpe.path("vocab").isObject()) {
            throw refused("model.type", bpe.path("type").toString(), "\"BPE\" with a vocab");
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!bpe.path(affix).asString("").isEmpty()) {
                throw refused("model." + affix, bpe.path(affix).toString(), "none");
            }
        }
        Vocabulary vocabulary = vocabulary(bpe.path("vocab"));
        MergeTable merges = merges(vocabulary, bpe.path("merges"));
        int[] byteIds = vocabulary.byteIds();
        TokenModel model;
        if (!byteLevel && !patterns.isEmpty()) {
            throw refused("pre_tokenizer", "patterns", "none, or a step of type ByteLevel beside them");
        }
        if (byteLevel) {
            boolean wholeWords = bpe.path("ignore_merges").asBoolean(false);
            model = new ByteLevelBpe(
                    vocabulary, merges, new PreTokenizer(patterns), byteIds, wholeWords, prefixSpace, compose);
        } else {
            int unknown = vocabulary.id(bpe.path("unk_token").asString(""));
            model = new CharacterBpe(vocabulary, merges, byteIds, unknown, prefix, words);
        }
        int bos = bosToken == null ? -1 : vocabulary.id(bosToken);
        int first = firstOfTemplate(vocabulary);
        if (bos < 0) {
            bos = first;
        }
        boolean add = addBos != null ? addBos : first >= 0;
        int eos = eosToken == null ? -1 : vocabulary.id(eosToken);
        Set<Integer> ends = endOfSequence.isEmpty() && eos >= 0 ? Set.of(eos) : endOfSequence;
        return new Tokenizer(vocabulary, model, bos, add, ends, prefix != Prefix.NEVER, strippingLeft());
    }

    /** The added tokens that swallow the white space in front of them, as RoBERTa's mask does. */
    private Set<Integer> strippingLeft() {
        Set<Integer> ids = new HashSet<>();
        for (JsonNode token : root.path("added_tokens")) {
            if (token.path("lstrip").asBoolean(false)) {
                ids.add(token.path("id").intValue());
            }
        }
        return ids;
    }

    private void normalizer(String field, JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return;
        }
        String type = node.path("type").asString("");
        switch (type) {
            case "Sequence" -> {
                int i = 0;
                for (JsonNode step : node.path("normalizers")) {
                    normalizer(field + ".normalizers[" + i++ + "]", step);
                }
            }
            case "NFC" -> compose = true;
            case "Prepend" -> {
                requireText(field + ".prepend", node.path("prepend"), String.valueOf(Vocabulary.SPACE));
                prefix = Prefix.ALWAYS;
            }
            case "Replace" -> {
                requireText(field + ".pattern.String", node.path("pattern").path("String"), " ");
                requireText(field + ".content", node.path("content"), String.valueOf(Vocabulary.SPACE));
            }
            default -> throw refused(field + ".type", type, "one of Sequence, NFC, Prepend, Replace");
        }
    }

    private void preTokenizer(String field, JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return;
        }
        String type = node.path("type").asString("");
        switch (type) {
            case "Sequence" -> {
                int i = 0;
                for (JsonNode step : node.path("pretokenizers")) {
                    preTokenizer(field + ".pretokenizers[" + i++ + "]", step);
                }
            }
            case "ByteLevel" -> {
                byteLevel = true;
                prefixSpace = node.path("add_prefix_space").asBoolean(false);
                if (node.path("use_regex").asBoolean(true)) {
                    patterns.add(PreTokenizer.gpt2());
                }
            }
            case "Split" -> {
                String behavior = node.path("behavior").asString("");
                if (!behavior.equals("Isolated") && !behavior.equals("Removed")
                        || behavior.equals("Removed") != node.path("invert").asBoolean(false)) {
                    throw refused(field + ".behavior", behavior, "\"Isolated\", or \"Removed\" inverted");
                }
                patterns.add(pattern(field, node.path("pattern")));
            }
            case "Digits" ->
                patterns.add(Pattern.compile(node.path("individual_digits").asBoolean(false) ? "\\p{N}" : "\\p{N}++"));
            case "Metaspace" -> metaspace(field, node);
            default -> throw refused(field + ".type", type, "one of Sequence, ByteLevel, Split, Digits, Metaspace");
        }
    }

    private void metaspace(String field, JsonNode node) {
        requireText(field + ".replacement", node.path("replacement"), String.valueOf(Vocabulary.SPACE));
        String scheme = node.path("prepend_scheme").asString("always");
        boolean never = scheme.equals("never") || !node.path("add_prefix_space").asBoolean(true);
        if (!never && prefix == Prefix.NEVER) {
            prefix = switch (scheme) {
                case "always" -> Prefix.UNLESS_THERE;
                case "first" -> Prefix.FIRST_UNLESS_THERE;
                default -> throw refused(field + ".prepend_scheme", scheme, "one of always, first, never");
            };
        }
        words = node.path("split").asBoolean(true);
    }

    private Pattern pattern(String field, JsonNode node) {
        if (node.path("String").isString()) {
            return Pattern.compile(Pattern.quote(node.path("String").stringValue()));
        }
        String regex = node.path("Regex").asString("");
        try {
            if (!regex.isEmpty()) {
                return PreTokenizer.translate(regex);
            }
        } catch (java.util.regex.PatternSyntaxException e) {
            throw new ModelFileException(file, field + ".pattern.Regex", regex, "a regular expression", e);
        }
        throw refused(field + ".pattern", node.toString(), "a Regex or a String");
    }

    private Vocabulary vocabulary(JsonNode vocab) {
        int size = 0;
        for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
            size = Math.max(size, id("model.vocab." + entry.getKey(), entry.getValue()) + 1);
        }
        JsonNode added = root.path("added_tokens");
        for (JsonNode token : added) {
            size = Math.max(size, id("added_tokens.id", token.path("id")) + 1);
        }
        if (size > 4L * (vocab.size() + added.size()) + 1024) {
            throw refused("model.vocab", "an id of " + (size - 1), "ids about as many as tokens");
        }
        String[] pieces = new String[size];
        Kind[] kinds = new Kind[size];
        Arrays.fill(kinds, Kind.NORMAL);
        for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
            int id = entry.getValue().intValue();
            if (pieces[id] != null) {
                throw refused("model.vocab." + entry.getKey(), "id " + id + " again", "an id of its own");
            }
            pieces[id] = entry.getKey();
            kinds[id] = !byteLevel && Vocabulary.looksLikeByte(entry.getKey()) ? Kind.BYTE : Kind.NORMAL;
        }
        for (JsonNode token : added) {
            int id = token.path("id").intValue();
            String content = token.path("content").asString("");
            if (pieces[id] != null && !pieces[id].equals(content)) {
                throw refused(
                        "added_tokens",
                        "id " + id + " for '" + content + "'",
                        "an id that is not that of '" + pieces[id] + "'");
            }
            pieces[id] = content;
            kinds[id] = token.path("special").asBoolean(false) ? Kind.CONTROL : Kind.USER_DEFINED;
        }
        return new Vocabulary(pieces, kinds, byteLevel ? Spelling.BYTE_LEVEL : Spelling.SENTENCE_PIECE);
    }

    private int id(String field, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
            throw refused(field, node.toString(), "an id from 0");
        }
        return node.intValue();
    }

    private MergeTable merges(Vocabulary vocabulary, JsonNode list) {
        MergeTable merges = new MergeTable(list.size());
        int rank = 0;
        for (JsonNode merge : list) {
            String left;
            String right;
            if (merge.isArray() && merge.size() == 2) {
                left = merge.get(0).asString("");
                right = merge.get(1).asString("");
            } else {
                String line = merge.asString("");
                int space = line.indexOf(' ', 1);
                left = space < 0 ? "" : line.substring(0, space);
                right = space < 0 ? "" : line.substring(space + 1);
            }
            int leftId = vocabulary.id(left);
            int rightId = vocabulary.id(right);
            int into = vocabulary.id(left + right);
            if (leftId < 0 || rightId < 0 || into < 0) {
                throw refused("model.merges[" + rank + "]", merge.toString(), "two tokens whose merger is a token");
            }
            merges.put(leftId, rightId, rank++, into);
        }
        return merges;
    }

    /** The special token that the post-processor puts in front of a single text, or -1. */
    private int firstOfTemplate(Vocabulary vocabulary) {
        JsonNode processor = root.path("post_processor");
        List<JsonNode> steps = new ArrayList<>(List.of(processor));
        processor.path("processors").forEach(steps::add);
        for (JsonNode step : steps) {
            if (step.path("type").asString("").equals("TemplateProcessing")) {
                JsonNode begin =
                        step.path("single").path(0).path("SpecialToken").path("id");
                if (begin.isString()) {
                    return vocabulary.id(begin.stringValue());
                }
            } else if (step.path("type").asString("").equals("RobertaProcessing")) {
                return vocabulary.id(step.path("cls").path(0).asString(""));
            }
        }
        return -1;
    }

    private void requireText(String field, JsonNode node, String expected) {
        if (!node.isString() || !node.stringValue().equals(expected)) {
            throw refused(field, node.toString(), "'" + expected + "'");
        }
    }

    private ModelFileException refused(String field, String found, String expected) {
        return new ModelFileException(file, field, found, expected);
    }
}
