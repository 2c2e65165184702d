package dev.squall.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.classification.Relation.Example;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Examples from files of three forms, few of them drawn, and the linear baseline on them. */
class ExamplesTest {
    @TempDir
    Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("data.txt"), text);
    }

    @Test
    void theThreeFormsSayTheSame() throws Exception {
        Example expected =
                new Example(new Relation("the big cat has a tail .", "big cat", "tail"), "Component-Whole(e2,e1)");
        String tokens = "\"token\": [\"the\", \"big\", \"cat\", \"has\", \"a\", \"tail\", \".\"]";
        String label = "\"relation\": \"Component-Whole(e2,e1)\"}";
        String ptr = "{" + tokens + ", \"h\": {\"name\": \"big cat\", \"pos\": [1, 3]}, \"t\": {\"name\": \"tail\"}, "
                + label + "\n";
        assertThat(ExampleFiles.read(file(ptr + "\n" + ptr))).containsExactly(expected, expected);
        String tacred = "[{" + tokens + ", \"subj_start\": 1, \"subj_end\": 2, \"obj_start\": 5, \"obj_end\": 5, "
                + label + "]";
        assertThat(ExampleFiles.read(file(tacred))).containsExactly(expected);
        String semEval = "8001\t\"the <e1>big cat</e1> has a <e2>tail</e2> .\"\nComponent-Whole(e2,e1)\nComment: x\n\n";
        assertThat(ExampleFiles.read(file(semEval + semEval.replace("\n", "\r\n"))))
                .containsExactly(expected, expected);
        assertThatThrownBy(() -> ExampleFiles.read(file(ptr.replace("\"name\": \"tail\"", "\"name\": \"dog\""))))
                .hasMessageContainingAll("data.txt", "line 1", "dog");
        assertThatThrownBy(() -> ExampleFiles.read(file(ptr + "{'token': 1}\n")))
                .hasMessageContainingAll("line 2", "well-formed JSON");
        assertThatThrownBy(() -> ExampleFiles.read(file(tacred.replace("\"obj_end\": 5", "\"obj_end\": 7"))))
                .hasMessageContainingAll("example 0", "obj", "5 to 7");
        assertThatThrownBy(() -> ExampleFiles.read(file(semEval.replace("<e2>", ""))))
                .hasMessageContainingAll("line 1", "<e2>");
        assertThat(ExampleFiles.read(file("{\"token\": [\"so\", \"good\"], \"relation\": \"in\"}")))
                .containsExactly(new Example(Relation.ofText("so good"), "in"));
        assertThatThrownBy(() -> ExampleFiles.read(file("{\"token\": [\"<mask>\"], \"relation\": \"in\"}")))
                .hasMessageContainingAll("line 1", "<mask>");
        assertThatThrownBy(() -> ExampleFiles.read(file("\n"))).hasMessageContaining("examples");
    }

    /** Classes of 30, 30 and 3 examples; a word between the two things tells them. */
    private static List<Example> examples() {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 63; i++) {
            String label = i < 30 ? "in" : i < 60 ? "on" : "at";
            Relation input = new Relation("a" + i % 7 + " is " + label + " b" + i, "a" + i % 7, "b" + i);
            examples.add(new Example(input, label));
        }
        return examples;
    }

    @Test
    void fewExamplesOfEveryClassAreDrawnBySeed() {
        FewShot.Split split = FewShot.draw(examples(), 8, 13);
        Map<String, Long> counts =
                split.training().stream().collect(Collectors.groupingBy(Example::label, Collectors.counting()));
        assertThat(counts).isEqualTo(Map.of("in", 8L, "on", 8L, "at", 3L));
        assertThat(split.rest()).hasSize(63 - 19).doesNotContainAnyElementsOf(new HashSet<>(split.training()));
        assertThat(FewShot.draw(examples(), 8, 13)).isEqualTo(split);
        assertThat(FewShot.draw(examples(), 8, 21).training()).isNotEqualTo(split.training());
        assertThatThrownBy(() -> FewShot.draw(examples(), 0, 1)).hasMessageContaining("at least 1");
    }

    @Test
    void theLinearBaselineLearnsWhichWordTells() {
        List<String> labels = List.of("in", "on", "at");
        BagOfWords model = BagOfWords.train(examples(), labels, BagOfWords.Options.defaults());
        BagOfWords again = BagOfWords.train(examples(), labels, BagOfWords.Options.defaults());
        for (String label : labels) {
            Relation unseen = new Relation("c is " + label + " d", "c", "d");
            assertThat(model.classify(unseen)).isEqualTo(label).isEqualTo(again.classify(unseen));
            assertThat(model.classify(new Relation("d is " + label + " c", "c", "d")))
                    .isEqualTo(label);
        }
        List<Example> texts =
                List.of(new Example(Relation.ofText("so good"), "in"), new Example(Relation.ofText("so bad"), "on"));
        BagOfWords ofTexts = BagOfWords.train(texts, labels, BagOfWords.Options.defaults());
        assertThat(ofTexts.classify(Relation.ofText("very bad"))).isEqualTo("on");
        assertThatThrownBy(() -> BagOfWords.train(examples(), List.of("in"), BagOfWords.Options.defaults()))
                .hasMessageContainingAll("found on", "[in]");
    }

    @Test
    void textsAreCutNearTheTwoThings() {
        Relation far = Relation.of(List.of("aa", "b", "the", "cat", "has", "a", "tail", ",", "dd", "e"), "tail", "cat");
        Relation near = far.near(1);
        assertThat(near).isEqualTo(new Relation("the cat has a tail ,", "tail", "cat"));
        assertThat(far.near(2).text()).isEqualTo("b the cat has a tail , dd");
        assertThat(far.near(3)).isEqualTo(far);
        assertThat(far.near(100)).isEqualTo(far);
        assertThat(near.near(0)).isEqualTo(new Relation("cat has a tail", "tail", "cat"));
        assertThat(Relation.ofText("a b c").near(1)).isEqualTo(Relation.ofText("a b c"));
    }
}
