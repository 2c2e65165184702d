package dev.squall.classification;

import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rules of a task: conditional functions, each a prompt with masks, and classes, each a conjunction of one literal a
 * function. A literal says which words a function's masks should be (Han et al. 2022, section 3).
 *
 * <pre>{@code
 * { "name": "family",
 *   "negative": "none",
 *   "functions": [ { "name": "subject", "prompt": "the <mask> {head}" },
 *                  { "name": "link",    "prompt": "<mask> <mask> <mask>" },
 *                  { "name": "object",  "prompt": "the <mask> {tail}" } ],
 *   "classes": { "parent": { "subject": "person", "link": "'s parent was", "object": "person" },
 *                "none":   { "subject": "entity", "link": "is irrelevant to", "object": "entity" } } }
 * }</pre>
 *
 * The prompts follow the text in their order; {@code "place"} may have them stand elsewhere. Classes are numbered in theirs.
 *
 * @param name of the task
 * @param negative the class that stands for no answer, null if there is none
 * @param functions in the order of the prompt
 * @param marked whether the two things are marked, in the text and in the prompt, {@code @} around the head and {@code #} around
 *     the tail, which the published method does not do: for small encoders, which hardly find again in the text what the prompt
 *     names
 * @param place where the prompts stand
 * @param classes label -> function -> words, one a mask
 */
public record Rules(
        String name,
        String negative,
        List<Function> functions,
        boolean marked,
        Place place,
        Map<String, Map<String, List<String>>> classes) {
    static final String MASK = "<mask>";
    static final String HEAD = "{head}";
    static final String TAIL = "{tail}";
    static final String NEW = "<new>";

    /** Where prompts stand. All but the first are for small encoders. */
    public enum Place {
        /** Behind the text: the published method. */
        BEHIND,
        /** In front of the text, at the same positions always. */
        FRONT,
        /**
         * In the text, each in the place of the thing that it names; one that names none stands in front of the next that does, or
         * behind the last. What is asked about a thing is asked where the thing is.
         */
        WITHIN
    }

    /**
     * A conditional function: a test about the input as a text with blanks.
     *
     * @param prompt words, {@code <mask>}, {@code {head}}, {@code {tail}} and {@code <new>}, a token that is no word and is
     *     learned, separated by spaces
     */
    public record Function(String name, String prompt) {
        /** How many words the function asks for. */
        public int masks() {
            return count(MASK);
        }

        boolean names(String thing) {
            return count(thing) > 0;
        }

        private int count(String token) {
            return (int) Arrays.stream(prompt.split(" ")).filter(token::equals).count();
        }
    }

    /**
     * @throws IllegalArgumentException if a name occurs twice, a prompt has no mask, or a class has no literal of a function, one
     *     of an unknown function, or one with another number of words than masks, or if prompts cannot stand at their place
     */
    public Rules {
        functions = List.copyOf(functions);
        Map<String, Map<String, List<String>>> copy = new LinkedHashMap<>();
        classes.forEach((label, literals) -> copy.put(label, new LinkedHashMap<>(literals)));
        classes = copy;
        require(!functions.isEmpty(), name, "functions", "none", "at least one");
        boolean places = functions.stream().anyMatch(each -> each.prompt.contains(HEAD) || each.prompt.contains(TAIL));
        require(!marked || places, name, "marked", "true", "prompts that name " + HEAD + " or " + TAIL);
        boolean fits = place != Place.WITHIN || canStandWithin(functions);
        require(fits, name, "place", place, "one prompt that names {head}, another {tail}, and none that names both");
        require(classes.size() > 1, name, "classes", classes.size(), "at least two");
        require(negative == null || classes.containsKey(negative), name, "negative", negative, "one of the classes");
        List<String> names = functions.stream().map(Function::name).toList();
        require(Set.copyOf(names).size() == names.size(), name, "functions", names, "different names");
        for (Function function : functions) {
            String field = "function " + function.name;
            require(function.masks() > 0, name, field, "'" + function.prompt + "'", "a prompt with " + MASK);
            for (Map.Entry<String, Map<String, List<String>>> each : classes.entrySet()) {
                List<String> words = each.getValue().get(function.name);
                field = "class " + each.getKey() + ", function " + function.name;
                require(words != null, name, field, "no literal", "one of every function");
                require(words.size() == function.masks(), name, field, words, function.masks() + " words");
                for (String word : words) {
                    require(!word.isEmpty() && !word.equals(MASK), name, field, words, "words, none of them empty");
                }
            }
        }
        classes.forEach((label, literals) -> require(
                names.containsAll(literals.keySet()),
                name,
                "class " + label,
                literals.keySet(),
                "functions of " + names));
    }

    /** Rules whose texts are as they are, in front of the prompts. */
    public Rules(
            String name, String negative, List<Function> functions, Map<String, Map<String, List<String>>> classes) {
        this(name, negative, functions, false, Place.BEHIND, classes);
    }

    /** The same rules, with the two things marked. */
    public Rules withMarkedEntities() {
        return new Rules(name, negative, functions, true, place, classes);
    }

    /** The same rules, with the prompts elsewhere. */
    public Rules withPlace(Place place) {
        return new Rules(name, negative, functions, marked, place, classes);
    }

    private static void require(boolean fine, String name, String field, Object found, Object expected) {
        if (!fine) {
            throw new IllegalArgumentException(
                    "rules " + name + ", " + field + ": found " + found + ", expected " + expected);
        }
    }

    /** The labels of all classes, in their order. */
    public List<String> labels() {
        return List.copyOf(classes.keySet());
    }

    /** Masks of the whole prompt. */
    public int masks() {
        return functions.stream().mapToInt(Function::masks).sum();
    }

    /** Tokens of the whole prompt that are no words and are learned: every {@code <new>} is another. */
    public int promptTokens() {
        return functions.stream().mapToInt(each -> each.count(NEW)).sum();
    }

    /** Whether the prompt names the two things of a relation. */
    public boolean asksForEntities() {
        return functions.stream().anyMatch(each -> each.prompt.contains(HEAD) || each.prompt.contains(TAIL));
    }

    /** Whether the prompts can stand {@link Place#WITHIN} the text: each of the two things has one that names it alone. */
    public boolean canStandWithin() {
        return canStandWithin(functions);
    }

    private static boolean canStandWithin(List<Function> functions) {
        return functions.stream().anyMatch(each -> each.names(HEAD))
                && functions.stream().anyMatch(each -> each.names(TAIL))
                && functions.stream().noneMatch(each -> each.names(HEAD) && each.names(TAIL));
    }

    /** Writes the file that {@link #parse} reads. */
    public void write(Path file) throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("name", name);
        if (negative != null) {
            root.put("negative", negative);
        }
        if (marked) {
            root.put("marked", true);
        }
        if (place != Place.BEHIND) {
            root.put("place", place.name());
        }
        root.put("functions", functions);
        Map<String, Object> written = new LinkedHashMap<>();
        classes.forEach((label, literals) -> {
            Map<String, String> texts = new LinkedHashMap<>();
            literals.forEach((function, words) -> texts.put(function, String.join(" ", words)));
            written.put(label, texts);
        });
        root.put("classes", written);
        Files.write(
                file,
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsBytes(root));
    }

    /** Rules written in Java, function by function and class by class. */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** Collects rules; {@link #build} checks them. */
    public static final class Builder {
        private final String name;
        private String negative;
        private final List<Function> functions = new ArrayList<>();
        private final Map<String, Map<String, List<String>>> classes = new LinkedHashMap<>();

        private Builder(String name) {
            this.name = name;
        }

        public Builder function(String function, String prompt) {
            functions.add(new Function(function, prompt));
            return this;
        }

        /** A class: one literal a function, in the order of the functions; the words of a literal are separated by spaces. */
        public Builder label(String label, String... literals) {
            Map<String, List<String>> all = new LinkedHashMap<>();
            require(
                    literals.length == functions.size(),
                    name,
                    "class " + label,
                    literals.length,
                    functions.size() + " literals");
            for (int i = 0; i < literals.length; i++) {
                all.put(functions.get(i).name, List.of(literals[i].split(" ")));
            }
            require(classes.put(label, all) == null, name, "class " + label, "it twice", "it once");
            return this;
        }

        public Builder negative(String label) {
            negative = label;
            return this;
        }

        public Rules build() {
            return new Rules(name, negative, functions, classes);
        }
    }

    /**
     * Reads a file of rules.
     *
     * @throws ModelFileException if it is no such JSON
     * @throws IllegalArgumentException if the rules are incomplete
     */
    public static Rules parse(Path file) {
        return parse(file, JsonFiles.object(file));
    }

    /**
     * Rules that come with the library: tacred, tacrev, retacred, semeval, semeval-phrases, sentiment, topic.
     *
     * @throws IllegalArgumentException if there are none of that name
     */
    public static Rules named(String name) {
        String resource = name + ".json";
        try (InputStream in = name.matches("[\\w-]+") ? Rules.class.getResourceAsStream(resource) : null) {
            if (in == null) {
                throw new IllegalArgumentException("rules: found " + name
                        + ", expected tacred, tacrev, retacred, semeval, semeval-phrases, sentiment, topic or a file");
            }
            return parse(Path.of(resource), JsonMapper.builder().build().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Rules parse(Path file, JsonNode root) {
        known(file, "", root, Set.of("$schema", "name", "negative", "marked", "place", "functions", "classes"));
        Builder rules = builder(text(file, "name", root.path("name")));
        for (JsonNode function : root.path("functions")) {
            known(file, "functions.", function, Set.of("name", "prompt"));
            rules.function(
                    text(file, "functions.name", function.path("name")),
                    text(file, "functions.prompt", function.path("prompt")));
        }
        for (Map.Entry<String, JsonNode> each : root.path("classes").properties()) {
            Map<String, List<String>> literals = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> literal : each.getValue().properties()) {
                String field = "classes." + each.getKey() + "." + literal.getKey();
                literals.put(
                        literal.getKey(),
                        List.of(text(file, field, literal.getValue()).split(" ")));
            }
            rules.classes.put(each.getKey(), literals);
        }
        if (!root.path("negative").isMissingNode()) {
            rules.negative(text(file, "negative", root.path("negative")));
        }
        Rules parsed = rules.build();
        JsonNode marked = root.path("marked");
        if (!marked.isMissingNode() && !marked.isBoolean()) {
            throw new ModelFileException(file, "marked", marked.toString(), "true or false");
        }
        parsed = marked.booleanValue(false) ? parsed.withMarkedEntities() : parsed;
        return root.has("place") ? parsed.withPlace(TrainedAs.one(file, root, "place", Place.values())) : parsed;
    }

    private static void known(Path file, String where, JsonNode node, Set<String> fields) {
        for (Map.Entry<String, JsonNode> each : node.properties()) {
            if (!fields.contains(each.getKey())) {
                throw new ModelFileException(file, where + each.getKey(), "this field", "one of " + fields);
            }
        }
    }

    private static String text(Path file, String field, JsonNode node) {
        if (!node.isString() || node.stringValue().isBlank()) {
            throw new ModelFileException(file, field, node.isMissingNode() ? "nothing" : node.toString(), "a text");
        }
        return node.stringValue();
    }
}
