package dev.squall.classification;

import dev.squall.classification.Relation.Example;
import dev.squall.model.format.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Examples from files of three forms:
 *
 * <pre>
 *   PTR      {"token": [...], "h": {"name": ..., "pos": [from, to)}, "t": {...}, "relation": ...}      an object a line; h and t not of a text alone
 *   TACRED   [{"token": [...], "subj_start": 0, "subj_end": 1, "obj_start": ..., "relation": ...}, ...]    ends inclusive
 *   SemEval  1 TAB "The &lt;e1&gt;..&lt;/e1&gt; .. &lt;e2&gt;..&lt;/e2&gt;"  |  label  |  Comment: ..  |  blank    lines of a block
 * </pre>
 */
public final class ExampleFiles {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern TAGGED = Pattern.compile("(\\d+)\t\"(.*)\"");
    private static final Pattern ENTITY = Pattern.compile("<e([12])>(.*?)</e\\1>");

    private ExampleFiles() {}

    /**
     * Reads a file, whose form its first characters tell.
     *
     * @throws ModelFileException if a line or an object is malformed, with its number
     */
    public static List<Example> read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ModelFileException(file, "file", e.toString(), "a text in UTF-8", e);
        }
        String start = text.stripLeading();
        List<Example> examples = start.startsWith("[")
                ? tacred(file, text)
                : start.startsWith("{") ? ptr(file, text) : semEval(file, text);
        if (examples.isEmpty()) {
            throw new ModelFileException(file, "examples", "none", "some");
        }
        return examples;
    }

    private static List<Example> ptr(Path file, String text) {
        List<Example> examples = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n")) {
            String where = "line " + ++number;
            if (line.isBlank()) {
                continue;
            }
            JsonNode node = json(file, where, line);
            List<String> tokens = tokens(file, where, node);
            JsonNode head = node.path("h");
            JsonNode tail = node.path("t");
            if (head.isMissingNode() && tail.isMissingNode()) {
                examples.add(text(file, where, String.join(" ", tokens), node));
                continue;
            }
            examples.add(example(
                    file,
                    where,
                    String.join(" ", tokens),
                    string(file, where + ", h.name", head.path("name")),
                    start(tokens, head.path("pos").path(0).asInt(-1)),
                    string(file, where + ", t.name", tail.path("name")),
                    start(tokens, tail.path("pos").path(0).asInt(-1)),
                    string(file, where + ", relation", node.path("relation"))));
        }
        return examples;
    }

    private static List<Example> tacred(Path file, String text) {
        List<Example> examples = new ArrayList<>();
        for (JsonNode node : json(file, "JSON", text)) {
            String where = "example " + examples.size();
            List<String> tokens = tokens(file, where, node);
            examples.add(example(
                    file,
                    where,
                    String.join(" ", tokens),
                    span(file, where, node, tokens, "subj"),
                    start(tokens, node.path("subj_start").asInt()),
                    span(file, where, node, tokens, "obj"),
                    start(tokens, node.path("obj_start").asInt()),
                    string(file, where + ", relation", node.path("relation"))));
        }
        return examples;
    }

    private static List<Example> semEval(Path file, String text) {
        List<Example> examples = new ArrayList<>();
        String[] lines = text.split("\r?\n");
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].isBlank() || lines[i].startsWith("Comment:")) {
                continue;
            }
            String where = "line " + (i + 1);
            Matcher line = TAGGED.matcher(lines[i].strip());
            if (!line.matches() || i + 1 == lines.length) {
                throw new ModelFileException(
                        file, where, "'" + lines[i] + "'", "number TAB \"sentence\", and a label below");
            }
            String[] names = new String[2];
            int[] starts = new int[2];
            int tags = 0; // characters of tags so far
            Matcher entity = ENTITY.matcher(line.group(2));
            while (entity.find()) {
                int which = Integer.parseInt(entity.group(1)) - 1;
                names[which] = entity.group(2);
                starts[which] = entity.start() - tags;
                tags += entity.group().length() - names[which].length();
            }
            if (names[0] == null || names[1] == null) {
                throw new ModelFileException(file, where, "'" + lines[i] + "'", "<e1>..</e1> and <e2>..</e2>");
            }
            String sentence = ENTITY.matcher(line.group(2)).replaceAll("$2");
            examples.add(example(file, where, sentence, names[0], starts[0], names[1], starts[1], lines[++i].strip()));
        }
        return examples;
    }

    /** An example whose things stand where the file says, or else where they are found. */
    private static Example example(
            Path file, String where, String text, String head, int headAt, String tail, int tailAt, String label) {
        boolean placed = text.startsWith(head, headAt) && text.startsWith(tail, tailAt);
        return example(
                file,
                where,
                () -> placed ? new Relation(text, head, tail, headAt, tailAt) : new Relation(text, head, tail),
                label);
    }

    /** An example of a text alone. */
    private static Example text(Path file, String where, String text, JsonNode node) {
        String label = string(file, where + ", relation", node.path("relation"));
        return example(file, where, () -> Relation.ofText(text), label);
    }

    private static Example example(Path file, String where, Supplier<Relation> input, String label) {
        try {
            return new Example(input.get(), label);
        } catch (IllegalArgumentException wrong) {
            throw new ModelFileException(file, where, wrong.getMessage(), "an input that can be classified", wrong);
        }
    }

    /** Where a word begins in the sentence, −1 if there is no such word. */
    private static int start(List<String> tokens, int word) {
        return word < 0 || word >= tokens.size()
                ? -1
                : tokens.subList(0, word).stream()
                        .mapToInt(each -> each.length() + 1)
                        .sum();
    }

    private static JsonNode json(Path file, String where, String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw new ModelFileException(file, where, e.getOriginalMessage(), "well-formed JSON", e);
        }
    }

    private static List<String> tokens(Path file, String where, JsonNode node) {
        List<String> tokens = new ArrayList<>();
        node.path("token").forEach(each -> tokens.add(string(file, where + ", token", each)));
        if (tokens.isEmpty()) {
            throw new ModelFileException(file, where + ", token", "nothing", "a list of words");
        }
        return tokens;
    }

    private static String span(Path file, String where, JsonNode node, List<String> tokens, String what) {
        int from = node.path(what + "_start").asInt(-1);
        int last = node.path(what + "_end").asInt(-1);
        if (from < 0 || last < from || last >= tokens.size()) {
            throw new ModelFileException(
                    file,
                    where + ", " + what,
                    from + " to " + last,
                    "words of the " + tokens.size() + " of the sentence");
        }
        return String.join(" ", tokens.subList(from, last + 1));
    }

    private static String string(Path file, String field, JsonNode node) {
        if (!node.isString()) {
            throw new ModelFileException(file, field, node.isMissingNode() ? "nothing" : node.toString(), "a text");
        }
        return node.stringValue();
    }
}
