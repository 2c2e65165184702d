package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code squall classify}: figures of the baseline as JSON, and what is said about wrong input. */
class ClassifyCommandTest {
    @TempDir
    Path directory;

    private static String line(int i, String word, String label) {
        return "{\"token\": [\"a" + i + "\", \"" + word + "\", \"b\"], \"h\": {\"name\": \"a" + i
                + "\"}, \"t\": {\"name\": \"b\"}, \"relation\": \"" + label + "\"}\n";
    }

    @Test
    void theLinearBaselineIsMeasuredOnAFile() throws IOException {
        StringBuilder training = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            training.append(line(i, "in", "In(e1,e2)")).append(line(i, "by", "Other"));
        }
        Files.writeString(directory.resolve("train.txt"), training);
        Files.writeString(directory.resolve("rel2id.json"), "{\"Other\": 0, \"In(e1,e2)\": 1}");
        Path held = Files.writeString(
                directory.resolve("val.txt"),
                line(90, "in", "In(e1,e2)") + line(91, "by", "Other") + line(92, "by", "In(e1,e2)"));
        Path drawing = directory.resolve("drawings/confusion.png");
        Run run = Run.of("classify", "linear", "--data", directory, "--file", held, "--json", "--confusion", drawing);
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode figures = run.json();
        assertThat(figures.path("accuracy").doubleValue()).isEqualTo(2.0 / 3);
        assertThat(figures.path("microF1").doubleValue()).isEqualTo(2.0 / 3);
        assertThat(figures.path("macroF1").doubleValue()).isEqualTo(2.0 / 3);
        assertThat(figures.path("examples").intValue()).isEqualTo(3);
        assertThat(drawing).exists();
        Run few = Run.of("classify", "linear", "--data", directory, "--file", held, "--k-shot", 2, "--seed", 13);
        assertThat(few.out()).contains("In(e1,e2)", "(3 examples)");
        Files.writeString(directory.resolve("rel2id.json"), "{\"Other\": 0, \"On\": 1}");
        Run wrong = Run.of("classify", "linear", "--data", directory, "--file", held);
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err()).contains("label: found In(e1,e2)").doesNotContain("\tat ");
    }

    @Test
    void theEncoderThatComesWithSquallIsAskedTrainedAndMeasured() throws IOException {
        Run zero = Run.of("classify", "-r", "sentiment", "--spacing", "CLEAN", "--text", "a fine day .", "--json");
        assertThat(zero.exitCode()).as(zero.err()).isZero();
        assertThat(zero.json().path("masks").path(0).path("words").propertyNames())
                .containsExactlyInAnyOrder("great", "okay", "terrible");

        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            boolean good = i % 2 == 0;
            lines.append("{\"token\": [\"it\", \"was\", \"" + (good ? "happy" : "dark") + "\", \"" + "xyz".charAt(i % 3)
                    + "\"], \"relation\": \"" + (good ? "positive" : "negative") + "\"}\n");
        }
        Path train = Files.writeString(directory.resolve("train.txt"), lines);
        Path output = directory.resolve("trained");
        Run trained = Run.of(
                "classify",
                "train",
                "-r",
                "sentiment",
                "--data",
                directory,
                "-o",
                output,
                "--epochs",
                8,
                "--batch",
                8,
                "--select",
                5,
                "--seed",
                3);
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.err()).contains("no example to train on of neutral", "epoch 8", "selection: accuracy");
        assertThat(trained.out()).contains("50 examples");
        Run measured = Run.of("classify", "eval", "-m", output, "--file", train, "--json");
        assertThat(measured.json().path("accuracy").doubleValue()).isGreaterThan(0.9);
        assertThat(output.resolve("classifier.json")).content().contains("CLEAN", "\"window\" : 2");
        Run asked = Run.of("classify", "-m", output, "--text", "it was happy z");
        assertThat(asked.out()).contains("positive");

        Path whole = directory.resolve("whole");
        Run all = Run.of("classify", "train", "-r", "sentiment", "--data", directory, "-o", whole, "--epochs", 2);
        assertThat(all.exitCode()).as(all.err()).isZero();
        assertThat(all.out()).contains("60 examples"); // small encoders train on all, and the last epoch stays
        assertThat(all.err()).contains("epoch 2: loss").doesNotContain("selection");

        Run both = Run.of(
                "classify", "train", "-r", "sentiment", "--data", directory, "-o", whole, "--k-shot", 2, "--select", 3);
        assertThat(both.exitCode()).isEqualTo(1);
        assertThat(both.err()).contains("--select: found 3 with --k-shot 2");

        Files.writeString(directory.resolve("rel2id.json"), "{\"positive\": 0, \"mixed\": 1}");
        Run other = Run.of("classify", "train", "-r", "sentiment", "--data", directory, "-o", output);
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err())
                .contains("rel2id.json", "[mixed]", "[negative, neutral]")
                .doesNotContain("\tat ");
    }

    @Test
    void wrongInputIsSaidInALine() throws IOException {
        Run noText = Run.of("classify", "-m", directory);
        assertThat(noText.exitCode()).isEqualTo(2);
        assertThat(noText.err()).contains("--text");
        Run untrained = Run.of("classify", "--text", "a b");
        assertThat(untrained.exitCode()).isEqualTo(1);
        assertThat(untrained.err()).contains("no rules", "-r");
        Run noRules = Run.of("classify", "-m", directory, "-r", "weather", "--text", "a b");
        assertThat(noRules.exitCode()).isEqualTo(1);
        assertThat(noRules.err()).contains("found weather", "semeval");
        Run strange =
                Run.of("classify", "-m", directory, "-r", "semeval", "--text", "a b", "--head", "c", "--tail", "a");
        assertThat(strange.exitCode()).isEqualTo(1);
        assertThat(strange.err()).contains("head: found 'c'");
    }
}
