package dev.squall.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.classification.Rules.Place;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Rules as people write them, and what the compiler makes of them or refuses. */
class RulesTest {
    private static final String[] KNOWN = {
        "the", "_the", "_cat", "_dog", "_person", "_place", "was", "_was", "is", "_is", "'s", "_born", "_in", "_of",
        "_to"
    };

    @TempDir
    Path folder;

    private static Rules.Builder family() {
        return Rules.builder("family")
                .function("subject", "the <mask> {head}")
                .function("link", "<mask> <mask>")
                .function("object", "the <mask> {tail}");
    }

    private static Rules birthAndPart() {
        return family().label("birth", "person", "was born", "place")
                .label("part", "place", "'s of", "place")
                .negative("part")
                .build();
    }

    private static int[] sizes(CompiledRules rules) {
        return Arrays.stream(rules.words()).mapToInt(words -> words.length).toArray();
    }

    @Test
    void labelWordsAndTuplesAreThoseOfTheTable() throws Exception {
        Tokenizer tokenizer = Words.of(folder, KNOWN);
        CompiledRules compiled = CompiledRules.compile(birthAndPart(), tokenizer, Spacing.RELEASED);
        int first = Words.FIRST;
        assertThat(compiled.words()).isDeepEqualTo(new int[][] {
            {first + 4, first + 5}, {first + 6, first + 10}, {first + 11, first + 13}, {first + 5}
        });
        assertThat(compiled.choices()).isDeepEqualTo(new int[][] {{0, 0, 0, 0}, {1, 1, 1, 0}});
        assertThat(compiled.word(2, 0)).isEqualTo("born");
        CompiledRules clean = CompiledRules.compile(birthAndPart(), tokenizer, Spacing.CLEAN);
        assertThat(clean.words()[1]).containsExactly(first + 7, first + 10); // " was", and 's without a space
    }

    @Test
    void whatCannotBeClassifiedByIsRefusedByName() throws Exception {
        Tokenizer tokenizer = Words.of(folder, KNOWN);
        Rules twice = family().label("birth", "person", "was born", "place")
                .label("origin", "person", "was born", "place")
                .build();
        assertThatThrownBy(() -> CompiledRules.compile(twice, tokenizer, Spacing.RELEASED))
                .hasMessageContainingAll("class origin", "words of class birth");
        Rules pieces = family().label("birth", "person", "was born", "place")
                .label("zoo", "elephant", "was born", "place")
                .build();
        assertThatThrownBy(() -> CompiledRules.compile(pieces, tokenizer, Spacing.RELEASED))
                .hasMessageContainingAll("class zoo", "function subject", "'elephant'", "9 tokens", "one token");
        Rules.Builder short1 = family().label("birth", "person", "was", "place").label("b", "a", "b c", "d");
        assertThatThrownBy(short1::build).hasMessageContainingAll("class birth", "function link", "[was]", "2 words");
        assertThatThrownBy(() -> family().label("birth", "person", "was born")).hasMessageContaining("3 literals");
        assertThatThrownBy(() -> family().label("birth", "a", "b c", "d").build())
                .hasMessageContaining("at least two");
        Rules.Builder noBlank =
                Rules.builder("x").function("f", "no blank").label("a", "b").label("c", "d");
        assertThatThrownBy(noBlank::build).hasMessageContainingAll("function f", "no blank", "<mask>");
        Rules.Builder noClass = family().label("a", "person", "was born", "place")
                .label("b", "place", "was born", "place")
                .negative("c");
        assertThatThrownBy(noClass::build).hasMessageContainingAll("negative", "found c");
    }

    @Test
    void filesAreReadStrictly() throws Exception {
        Path file = folder.resolve("rules.json");
        String good = """
                {"name": "n", "negative": "b", "functions": [{"name": "f", "prompt": "it was <mask> ."}],
                 "classes": {"a": {"f": "good"}, "b": {"f": "bad"}}}""";
        Files.writeString(file, good);
        Rules rules = Rules.parse(file);
        assertThat(rules.labels()).containsExactly("a", "b");
        assertThat(rules.negative()).isEqualTo("b");
        assertThat(rules.asksForEntities()).isFalse();
        Files.writeString(file, good.replace("\"negative\"", "\"negatve\""));
        assertThatThrownBy(() -> Rules.parse(file)).hasMessageContainingAll("rules.json", "negatve");
        Files.writeString(file, good.replace("\"good\"", "7"));
        assertThatThrownBy(() -> Rules.parse(file)).hasMessageContainingAll("rules.json", "classes.a.f", "7");
        Files.writeString(file, good.replace("{\"f\": \"bad\"}", "{\"g\": \"bad\"}"));
        assertThatThrownBy(() -> Rules.parse(file)).hasMessageContainingAll("class b", "function f", "no literal");
        assertThatThrownBy(() -> Rules.named("weather")).hasMessageContainingAll("weather", "semeval");
    }

    /** An editor that knows the schema accepts what the parser accepts, and marks what it refuses. */
    @Test
    void theSchemaHasTheFieldsOfTheFiles() throws Exception {
        JsonNode schema = resource("rules.schema.json");
        assertThat(schema.path("additionalProperties").booleanValue(true)).isFalse();
        assertThat(schema.path("properties").propertyNames())
                .containsExactlyInAnyOrder("$schema", "name", "negative", "marked", "place", "functions", "classes");
        JsonNode function = schema.path("properties").path("functions").path("items");
        assertThat(function.path("additionalProperties").booleanValue(true)).isFalse();
        assertThat(function.path("properties").propertyNames()).containsExactlyInAnyOrder("name", "prompt");
        for (String name :
                List.of("tacred", "tacrev", "retacred", "semeval", "semeval-phrases", "sentiment", "topic")) {
            JsonNode rules = resource(name + ".json");
            assertThat(rules.path("$schema").stringValue()).isEqualTo("rules.schema.json");
            schema.path("required")
                    .forEach(field -> assertThat(rules.has(field.stringValue()))
                            .as(name + " has " + field)
                            .isTrue());
            for (JsonNode each : rules.path("functions")) {
                assertThat(each.path("prompt").stringValue())
                        .containsPattern(function.path("properties")
                                .path("prompt")
                                .path("pattern")
                                .stringValue());
            }
            Path file = folder.resolve("copy.json");
            Rules.named(name).write(file);
            assertThat(Rules.parse(file)).isEqualTo(Rules.named(name));
        }
    }

    private static JsonNode resource(String name) throws IOException {
        try (var in = Rules.class.getResourceAsStream(name)) {
            return new JsonMapper().readTree(in);
        }
    }

    @Test
    void publishedTablesAreTheRulesOfTheirName() throws Exception {
        Path table = folder.resolve("temp.txt");
        Path ids = folder.resolve("rel2id.json");
        Rules semEval = Rules.named("semeval");
        StringBuilder lines = new StringBuilder();
        StringBuilder numbers = new StringBuilder();
        for (String label : semEval.labels().reversed()) {
            List<List<String>> words = List.copyOf(semEval.classes().get(label).values());
            lines.append("0\t" + label);
            words.forEach(literal -> lines.append("\t" + literal.getFirst()));
            lines.append("\n");
            numbers.append(numbers.isEmpty() ? "{" : ",");
            numbers.append("\"" + label + "\": " + semEval.labels().indexOf(label));
        }
        Files.writeString(table, lines);
        Files.writeString(ids, numbers + "}");
        Rules read = RuleTable.read(table, ids, "Other");
        assertThat(read.labels()).isEqualTo(semEval.labels());
        assertThat(read.classes()).isEqualTo(semEval.classes());
        assertThat(read.functions()).isEqualTo(semEval.functions());
        assertThat(RuleTable.read(table)).isEqualTo(read);
        Files.writeString(table, lines.toString().replaceFirst("Other", "Another"));
        assertThatThrownBy(() -> RuleTable.read(table, ids, "Other")).hasMessageContaining("class Other");
        Files.writeString(table, "0\ta\tb\n");
        assertThatThrownBy(() -> RuleTable.read(table, ids, null)).hasMessageContainingAll("line 1", "3 cells");
        Files.writeString(ids, "{\"a\": 0, \"b\": 2}");
        assertThatThrownBy(() -> RuleTable.labels(ids)).hasMessageContainingAll("rel2id.json", "b", "found 2");
    }

    @Test
    void allRuleSetsCompileForRobertaAndHaveTheirPublishedSizes() {
        Tokenizer tokenizer = Words.roberta();
        CompiledRules tacred = CompiledRules.compile(Rules.named("tacred"), tokenizer, Spacing.RELEASED);
        assertThat(sizes(tacred)).containsExactly(3, 3, 24, 9, 12);
        assertThat(tacred.words()[0]).containsExactly(621, 1651, 10014);
        assertThat(tacred.words()[1]).containsExactly(18, 354, 7325);
        assertThat(tacred.words()[3]).containsExactly(7, 9, 11, 15, 16, 19, 21, 30, 34);
        assertThat(tacred.choices()[13]).containsExactly(2, 1, 20, 0, 10);
        assertThat(tacred.choices()[41]).containsExactly(1, 2, 13, 7, 5);
        assertThat(tacred.rules().labels()).hasSize(42);
        CompiledRules retacred = CompiledRules.compile(Rules.named("retacred"), tokenizer, Spacing.RELEASED);
        assertThat(sizes(retacred)).containsExactly(3, 3, 23, 9, 12);
        assertThat(retacred.rules().labels()).hasSize(40).startsWith("no_relation", "org:members");
        CompiledRules semEval = CompiledRules.compile(Rules.named("semeval"), tokenizer, Spacing.RELEASED);
        assertThat(sizes(semEval)).containsExactly(18, 2, 18);
        assertThat(semEval.words()[1]).containsExactly(4249, 21821);
        int[][] first = {{1, 1, 1}, {2, 0, 13}, {4, 0, 16}, {0, 0, 9}, {8, 0, 5}, {15, 0, 12}, {6, 0, 17}};
        assertThat(Arrays.copyOf(semEval.choices(), 7)).isDeepEqualTo(first);
        for (String name : List.of("tacrev", "semeval-phrases", "sentiment", "topic")) {
            Rules rules = Rules.named(name);
            assertThat(CompiledRules.compile(rules, tokenizer, Spacing.CLEAN).choices().length)
                    .isEqualTo(rules.labels().size());
        }
    }

    @Test
    void promptsHaveThePublishedTokens() {
        Tokenizer tokenizer = Words.roberta();
        Relation twain = new Relation("Mark Twain was the father of Langdon .", "Langdon", "Mark Twain");
        CompiledRules tacred = CompiledRules.compile(Rules.named("tacred"), tokenizer, Spacing.RELEASED);
        Prompt prompt = tacred.prompt(twain, 512);
        assertThat(ids(prompt))
                .isEqualTo(
                        "0 10006 34878 21 5 1150 9 7883 7254 479 627 50264 7883 7254 50264 50264 50264 627 50264 1190 "
                                + "34878 2");
        assertThat(prompt.masks()).containsExactly(11, 14, 15, 16, 18);
        Relation audits = new Relation("the most common audits were about waste and recycling .", "audits", "waste");
        assertThat(ids(tacred.prompt(audits, 512)))
                .isEqualTo(
                        "0 627 144 1537 26723 58 59 3844 8 11690 479 627 50264 26723 50264 50264 50264 627 50264 3844 2");
        CompiledRules semEval = CompiledRules.compile(Rules.named("semeval"), tokenizer, Spacing.CLEAN);
        Prompt clean = semEval.prompt(twain, 512);
        assertThat(ids(clean))
                .isEqualTo("0 10006 34878 21 5 1150 9 7883 7254 479 5 50264 7883 7254 21 50264 7 5 50264 1190 34878 2");
        assertThat(clean.masks()).containsExactly(11, 15, 18);
    }

    private static String ids(Prompt prompt) {
        return Arrays.toString(prompt.ids()).replaceAll("[\\[\\],]", "");
    }

    @Test
    void theTwoThingsAreMarkedWhereverTheyStandIfTheRulesSaySo() throws Exception {
        Tokenizer tokenizer = Words.of(folder, KNOWN);
        Rules marked = birthAndPart().withMarkedEntities();
        CompiledRules compiled = CompiledRules.compile(marked, tokenizer, Spacing.RELEASED);
        Relation input = new Relation("the cat is the dog to the cat", "dog", "cat");
        int[] whole = compiled.prompt(input, 100).ids();
        assertThat(tokenizer.decode(Arrays.copyOfRange(whole, 1, whole.length - 1)))
                .isEqualTo("the cat is the@ dog@ to the# cat#" + "the@ dog@" + "the# cat#");
        Prompt cut = compiled.prompt(input, whole.length - 3); // what is in front of the first thing goes
        assertThat(Arrays.copyOfRange(cut.ids(), 1, cut.ids().length))
                .containsExactly(Arrays.copyOfRange(whole, 4, whole.length));
        assertThatThrownBy(() -> compiled.prompt(input, whole.length - 6)).hasMessageContaining("first thing");
        Path file = folder.resolve("marked.json");
        marked.write(file);
        assertThat(Rules.parse(file)).isEqualTo(marked);
        Rules.Builder plain = Rules.builder("x")
                .function("f", "it was <mask>")
                .label("a", "b")
                .label("c", "d");
        assertThatThrownBy(() -> plain.build().withMarkedEntities()).hasMessageContaining("marked");
    }

    @Test
    void theQuestionStandsInFrontWhereTheRulesSaySo() throws Exception {
        Tokenizer tokenizer = Words.of(folder, KNOWN);
        Relation input = new Relation("the cat is the dog to the cat", "dog", "cat");
        Prompt behind = CompiledRules.compile(birthAndPart(), tokenizer, Spacing.RELEASED)
                .prompt(input, 100);
        Rules front = birthAndPart().withPlace(Place.FRONT);
        CompiledRules compiled = CompiledRules.compile(front, tokenizer, Spacing.RELEASED);
        Prompt before = compiled.prompt(input, 100);
        int text = 8;
        int question = behind.ids().length - 2 - text;
        assertThat(Arrays.copyOfRange(before.ids(), 1, 1 + question))
                .containsExactly(Arrays.copyOfRange(behind.ids(), 1 + text, 1 + text + question));
        assertThat(Arrays.copyOfRange(before.ids(), 1 + question, 1 + question + text))
                .containsExactly(Arrays.copyOfRange(behind.ids(), 1, 1 + text));
        assertThat(before.masks())
                .containsExactly(
                        Arrays.stream(behind.masks()).map(mask -> mask - text).toArray());
        Prompt cut = compiled.prompt(input, before.ids().length - 3); // the text's beginning goes
        assertThat(cut.masks()).containsExactly(before.masks());
        assertThat(cut.ids()[1 + question]).isEqualTo(before.ids()[1 + question + 3]);
        Path file = folder.resolve("front.json");
        front.withMarkedEntities().write(file);
        assertThat(Rules.parse(file)).isEqualTo(front.withMarkedEntities());
        String written = Files.readString(file);
        Files.writeString(file, written.replace("FRONT", "ABOVE"));
        assertThatThrownBy(() -> Rules.parse(file)).hasMessageContainingAll("front.json", "place", "ABOVE", "WITHIN");
        Files.writeString(file, written.replaceFirst("(\"marked\" : )true", "$1\"yes\""));
        assertThatThrownBy(() -> Rules.parse(file)).hasMessageContainingAll("front.json", "marked", "yes");
    }

    @Test
    void eachQuestionStandsInThePlaceOfItsThingWhereTheRulesSaySo() throws Exception {
        Tokenizer tokenizer = Words.of(folder, KNOWN);
        Rules within = birthAndPart().withPlace(Place.WITHIN);
        CompiledRules compiled = CompiledRules.compile(within, tokenizer, Spacing.CLEAN);
        Prompt forward = compiled.prompt(new Relation("the cat is the dog to the person", "cat", "dog"), 100);
        assertThat(text(forward, tokenizer))
                .isEqualTo("the the<mask> cat is the<mask><mask> the<mask> dog to the person");
        assertThat(forward.masks()).containsExactly(3, 7, 8, 10);
        assertThat(forward.ranks()).containsExactly(0, 1, 2, 3);
        Prompt backward = compiled.prompt(new Relation("the cat is the dog to the person", "dog", "cat"), 100);
        assertThat(text(backward, tokenizer))
                .isEqualTo("the<mask><mask> the<mask> cat is the the<mask> dog to the person");
        assertThat(backward.masks()).containsExactly(10, 2, 3, 5); // of subject, link, link, object
        assertThat(backward.ascending()).containsExactly(2, 3, 5, 10);
        assertThat(backward.ranks()).containsExactly(3, 0, 1, 2);
        Prompt marked = CompiledRules.compile(within.withMarkedEntities(), tokenizer, Spacing.CLEAN)
                .prompt(new Relation("cat is dog", "cat", "dog"), 100);
        assertThat(text(marked, tokenizer)).isEqualTo(" the<mask>@ cat@ is<mask><mask> the<mask># dog#");

        int whole = forward.ids().length;
        Prompt cut = compiled.prompt(new Relation("the cat is the dog to the person", "cat", "dog"), whole - 2);
        assertThat(text(cut, tokenizer)).isEqualTo(" the<mask> cat is the<mask><mask> the<mask> dog to the");
        assertThat(cut.masks()).containsExactly(2, 6, 7, 9);
        assertThatThrownBy(() -> compiled.prompt(new Relation("the cat is the dog to the person", "cat", "dog"), 9))
                .hasMessageContainingAll("prompt", "at most 7");
        assertThatThrownBy(() -> compiled.prompt(new Relation("the cat dog is", "cat dog", "dog"), 100))
                .hasMessageContainingAll("'cat dog' and 'dog'", "apart");
        Rules.Builder one = Rules.builder("x")
                .function("f", "the <mask> {head}")
                .label("a", "b")
                .label("c", "d");
        assertThat(one.build().canStandWithin()).isFalse();
        assertThatThrownBy(() -> one.build().withPlace(Place.WITHIN)).hasMessageContainingAll("place", "{tail}");
        Path file = folder.resolve("within.json");
        within.write(file);
        assertThat(Rules.parse(file)).isEqualTo(within);
    }

    private static String text(Prompt prompt, Tokenizer tokenizer) {
        int mask = tokenizer.id(Rules.MASK).orElseThrow();
        return Arrays.stream(prompt.ids(), 1, prompt.ids().length - 1)
                .mapToObj(id -> id == mask ? Rules.MASK : tokenizer.decode(id))
                .collect(Collectors.joining());
    }

    @Test
    void aLongTextLosesItsBeginningAndNeverTheQuestion() throws Exception {
        CompiledRules compiled = CompiledRules.compile(birthAndPart(), Words.of(folder, KNOWN), Spacing.RELEASED);
        Relation input = new Relation("the cat is the dog to the cat", "cat", "dog");
        int[] whole = compiled.prompt(input, 100).ids();
        assertThat(whole).hasSize(2 + 8 + 8);
        Prompt cut = compiled.prompt(input, 13);
        assertThat(cut.ids()).hasSize(13);
        assertThat(cut.masks()).hasSize(4);
        assertThat(Arrays.copyOfRange(cut.ids(), 1, 13)).containsExactly(Arrays.copyOfRange(whole, 6, 18));
        assertThatThrownBy(() -> compiled.prompt(input, 9)).hasMessageContainingAll("10 tokens", "at most 9");
        assertThatThrownBy(() -> compiled.prompt(Relation.ofText("the cat"), 99))
                .hasMessageContaining("head");
        assertThatThrownBy(() -> new Relation("a <mask> cat", null, null)).hasMessageContaining("<mask>");
        assertThatThrownBy(() -> new Relation("the cat", "dog", "cat")).hasMessageContainingAll("head", "dog");
        assertThatThrownBy(() -> new Relation("the cat", "cat", null)).hasMessageContaining("both");
    }
}
