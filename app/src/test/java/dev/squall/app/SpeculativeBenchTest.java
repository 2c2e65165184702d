package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.fixtures.BigramDraft;
import dev.squall.model.fixtures.BigramModel;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code squall bench --speculative}, on a model that recites the alphabet and a draft that knows it. */
class SpeculativeBenchTest {
    @TempDir
    Path directory;

    private Path model;
    private Path prompts;

    @BeforeEach
    void write() throws Exception {
        model = BigramModel.write(directory.resolve("bigrams.gguf"), 64);
        prompts = Files.writeString(directory.resolve("prompts.txt"), "abc\n\nfgh. abc\n");
    }

    @Test
    void everyModeIsAnObjectOfTheList() throws Exception {
        Path draft = BigramDraft.write(directory.resolve("draft"));
        Path frequent = Files.writeString(directory.resolve("frequent.json"), "[5, 6, 7, 8, 9, 10, 11, 12, 30, 2]");
        Run run = Run.of(
                "bench",
                "--speculative",
                "-m",
                model,
                "--prompts",
                prompts,
                "--gen-tokens",
                14,
                "--json",
                "--draft",
                draft,
                "--draft-vocab",
                frequent,
                "--tree-size",
                6,
                "--depth",
                5,
                "--plot",
                directory.resolve("speculation.png"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<JsonNode> modes =
                StreamSupport.stream(run.json().spliterator(), false).toList();
        assertThat(modes.stream().map(mode -> mode.get("mode").stringValue()))
                .containsExactly("plain", "lookup", "eagle2", "frspec", "adaptive");
        assertThat(modes.stream().map(mode -> mode.get("draftVocab").intValue()))
                .containsExactly(0, 0, 32, 10, 10);
        for (JsonNode mode : modes) {
            assertThat(mode.propertyNames())
                    .containsExactly(
                            "mode",
                            "draftVocab",
                            "treeSize",
                            "depth",
                            "topK",
                            "tokensPerSecond",
                            "acceptedLength",
                            "draftLayerMs",
                            "draftHeadMs",
                            "verifyMs",
                            "rowCost",
                            "sameTextAsPlain",
                            "shareOfParts");
            assertThat(mode.get("shareOfParts").doubleValue()).isBetween(0.01, 100.0); // of a model of no size
            assertThat(mode.get("sameTextAsPlain").booleanValue()).isTrue();
            assertThat(mode.get("tokensPerSecond").doubleValue()).isPositive();
            assertThat(mode.get("acceptedLength").doubleValue()).isBetween(1.0, 6.0);
            assertThat(mode.get("rowCost")).hasSize(7);
            assertThat(mode.get("rowCost").get(0).doubleValue()).isEqualTo(1);
        }
        assertThat(modes.get(0).get("acceptedLength").doubleValue()).isEqualTo(1);
        double all = modes.get(2).get("acceptedLength").doubleValue();
        assertThat(all).isGreaterThan(3);
        assertThat(modes.get(3).get("acceptedLength").doubleValue()).isLessThan(all);
        assertThat(modes.get(2).get("draftHeadMs").doubleValue()).isPositive();
        assertThat(ImageIO.read(directory.resolve("speculation.png").toFile()).getHeight())
                .isEqualTo(500);
    }

    @Test
    void figuresBecomeAPicture() throws Exception {
        String figure = "{\"mode\": \"%s\", \"draftVocab\": %d, \"tokensPerSecond\": 9.5, \"acceptedLength\": 2.5}";
        Path several = Files.writeString(
                directory.resolve("figures.json"),
                "[" + figure.formatted("plain", 0) + "," + figure.formatted("eagle2", 16384) + ","
                        + figure.formatted("frspec", 4096) + "," + figure.formatted("frspec", 1024) + "]");
        Path picture = directory.resolve("drafts.png");
        Run run = Run.of("bench", "--figures", several, "--plot", picture);
        assertThat(run.exitCode()).as(run.err()).isZero();
        BufferedImage image = ImageIO.read(picture.toFile());
        assertThat(image.getWidth()).isEqualTo(900);
        assertThat(Arrays.stream(image.getRGB(0, 0, 900, 500, null, 0, 900))
                        .distinct()
                        .count())
                .as("colours of lines and letters")
                .isGreaterThan(20);
        Files.writeString(several, "[" + figure.formatted("lookup", 0) + "]");
        assertThat(Run.of("bench", "--figures", several, "--plot", picture).err())
                .contains("figures.json: found no figures of a draft");
        Files.writeString(several, "[{\"mode\": \"plain\"}]");
        assertThat(Run.of("bench", "--figures", several, "--plot", picture).err())
                .contains("figures.json", "acceptedLength", "--speculative");
        Run without = Run.of("bench", "--speculative", "-m", model, "--plot", picture);
        assertThat(without.exitCode()).isEqualTo(2);
        assertThat(without.err()).contains("--plot", "a draft's directory");
    }

    @Test
    void severalVocabulariesAndTreesAreModesOfOneRun() throws Exception {
        Path draft = BigramDraft.write(directory.resolve("draft"));
        Path frequent = Files.writeString(directory.resolve("frequent.json"), "[5, 6, 7, 8, 9, 10, 11, 12, 30, 2]");
        Object[] bench = {
            "bench",
            "--speculative",
            "-m",
            model,
            "--prompts",
            prompts,
            "--gen-tokens",
            3,
            "--json",
            "--draft-vocab",
            frequent + ",full",
            "--trees"
        };
        Run run =
                Run.of(Stream.concat(Stream.of(bench), Stream.of("6:5:2,3:2:1")).toArray());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(StreamSupport.stream(run.json().spliterator(), false)
                        .map(mode -> mode.get("mode").stringValue() + mode.get("draftVocab") + ":"
                                + mode.get("treeSize") + ":" + mode.get("depth") + ":" + mode.get("topK")))
                .containsExactly(
                        "plain0:0:0:0",
                        "lookup0:0:7:0",
                        "eagle232:6:5:2",
                        "frspec10:6:5:2",
                        "eagle232:3:2:1",
                        "frspec10:3:2:1",
                        "adaptive10:0:0:0");
        Run wrong = Run.of(Stream.concat(Stream.of(bench), Stream.of("6:5")).toArray());
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("--trees: found 6:5", "SIZE:DEPTH:TOPK");
    }

    @Test
    void aRandomDraftHasTheShapeOfTheModel() {
        Run run = Run.of(
                "bench",
                "--speculative",
                "-m",
                model,
                "--prompts",
                prompts,
                "--gen-tokens",
                4,
                "--random-draft",
                "--draft-vocab",
                "16,8",
                "--trees",
                "4:3:1");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("eagle2", "frspec", "of the best fixed mode")
                .doesNotContain("false");
    }

    @Test
    void withoutADraftTheTextGuesses() {
        Run run = Run.of("bench", "--speculative", "-m", model, "--prompts", prompts, "--gen-tokens", 4);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("plain", "lookup", "adaptive", "in passes of one")
                .doesNotContain("eagle2", "false");
        Run none = Run.of("bench", "--speculative", "-m", model, "--prompts", directory.resolve("none"));
        assertThat(none.exitCode()).isEqualTo(1);
    }
}
