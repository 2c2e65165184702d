package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.attention.SparseConfig;
import dev.squall.model.fixtures.BigramModel;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AttentionBenchTest {
    @TempDir
    Path directory;

    @Test
    void everyShapeAndPhaseIsThere() {
        JsonNode results =
                Run.of("bench", "--attention", "--lengths", "70", "--json").json();
        assertThat(results.size()).isEqualTo(2 * 2);
        for (JsonNode result : results) {
            assertThat(result.propertyNames())
                    .containsExactly(
                            "shape",
                            "phase",
                            "length",
                            "denseMs",
                            "sparseMs",
                            "selectionMs",
                            "speedup",
                            "denseRoofShare");
            assertThat(result.get("denseRoofShare").asDouble()).isPositive();
            assertThat(result.get("sparseMs").asDouble())
                    .isGreaterThan(result.get("selectionMs").asDouble());
            assertThat(result.get("speedup").asDouble()).isPositive();
        }
        assertThat(results.get(1).get("phase").asString()).isEqualTo("prefill");
        assertThat(results.get(1).get("length").asInt()).isEqualTo(70);
    }

    /** A tiny model, whose texts are sparse from 64 tokens on; lengths in any order. */
    @Test
    void wholeTokensAreMeasuredToo() throws Exception {
        SyntheticModel tiny = new SyntheticModel("tiny", 2, 64, 96, 4, 2, 16, 300);
        SparseConfig config = new SparseConfig(8, 4, 1, 16, 16, 2, -1, false);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Console console = new Console(new PrintStream(out), new PrintStream(OutputStream.nullOutputStream()));
        List<Map<String, Object>> results = new TokenBench(console, tiny, config).run(List.of(70, 1200, 40, 1), true);
        assertThat(results).hasSize(4).allSatisfy(result -> {
            assertThat(result.keySet())
                    .containsExactly("shape", "phase", "length", "denseMs", "sparseMs", "selectionMs", "speedup");
            assertThat((double) result.get("denseMs")).isPositive();
            assertThat((double) result.get("sparseMs")).isGreaterThan((double) result.get("selectionMs"));
            assertThat((double) result.get("selectionMs")).isPositive();
        });
        JsonNode printed = new JsonMapper().readTree(out.toString());
        assertThat(printed.get(1).get("phase").asString()).isEqualTo("token");
        assertThat(printed.get(1).get("length").asInt()).isEqualTo(1200);
        assertThat(Run.of("bench", "--end-to-end").err()).contains("--end-to-end: found it, expected --attention");
        assertThat(Run.of("bench", "--attention", "--kv-type", "f16").err())
                .contains("--kv-type: found F16 with --attention alone, expected F32");
    }

    @Test
    void figuresAreDrawn() throws Exception {
        Path figures = directory.resolve("figures.json");
        String figure = "{\"shape\": \"%s\", \"phase\": \"%s\", \"length\": %d, \"denseMs\": %f, \"sparseMs\": 1.5}";
        List<String> all = new ArrayList<>();
        for (int length = 4096; length <= 131_072; length *= 2) {
            all.add(String.format(Locale.ROOT, figure, "Llama-3-8B", "decode", length, length / 2048.0));
            all.add(String.format(Locale.ROOT, figure, "Llama-3-8B", "prefill", length, length / 20.0));
        }
        Files.writeString(figures, all.toString());
        Path png = directory.resolve("plot.png");
        assertThat(Run.of("bench", "--figures", figures, "--plot", png).exitCode())
                .isZero();
        BufferedImage drawn = ImageIO.read(png.toFile());
        assertThat(drawn.getWidth()).isEqualTo(900);
        Files.writeString(figures, all.toString().replace("1.5", "2.5"));
        assertThat(Run.of("bench", "--figures", figures, "--plot", png).exitCode())
                .isZero();
        assertThat(differences(drawn, ImageIO.read(png.toFile()))).isBetween(100, 100_000); // a line has moved
        Files.writeString(figures, "[{\"shape\": \"Llama-3-8B\"}]");
        assertThat(Run.of("bench", "--figures", figures, "--plot", png).err())
                .contains("figures.json: found no [", "denseMs", "expected the JSON of squall bench --attention");
        assertThat(Run.of("bench", "--plot", png).err()).contains("expected --attention or --figures");
        assertThat(Run.of("bench", "--figures", figures).err()).contains("expected --plot");
    }

    private static int differences(BufferedImage a, BufferedImage b) {
        int count = 0;
        for (int y = 0; y < a.getHeight(); y++) {
            for (int x = 0; x < a.getWidth(); x++) {
                count += a.getRGB(x, y) == b.getRGB(x, y) ? 0 : 1;
            }
        }
        return count;
    }

    @Test
    void lengthsThatMemoryIsTooSmallForAreRefused() {
        assertThatThrownBy(() -> MachineMemory.require(1000, 4_000_000_000L, 3_000_000_000L))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "--lengths: found 1000, whose keys and values take 4.00 GB, expected at most the 3.00 GB of "
                                + "memory of this machine; 750 tokens would fit");
        assertThatCode(() -> MachineMemory.require(750, 3_000_000_000L, 3_000_000_000L))
                .doesNotThrowAnyException();
    }

    @Test
    void impossibleLengthsAreWrongUsage() {
        assertThat(Run.of("bench", "--attention", "--lengths", "0").err()).contains("--lengths: found 0");
        assertThat(Run.of("bench", "--attention", "--lengths", "70,3000000").err())
                .contains("--lengths: found 3000000, expected 1 to");
    }

    /** A model that attends evenly: the share of attention is that of the tokens. Blocks of 4, of which 5 are chosen. */
    @Test
    void coverageOfEvenAttentionIsTheShareOfTheTokens() throws Exception {
        Path model = BigramModel.write(directory.resolve("even.gguf"), 64);
        Path text = Files.writeString(directory.resolve("text"), "abcdefghijklmnopqrstuvwxyz".repeat(10));
        JsonNode results =
                Run.of(coverage(model, text, "--lengths", "16,64", "--json")).json();
        assertThat(results.size()).isEqualTo(2);
        assertThat(results.get(0).get("mass").asDouble()).isCloseTo(1, within(1e-6)); // all blocks have room
        assertThat(results.get(0).get("blocks").asDouble()).isCloseTo(1, within(1e-6));
        JsonNode longer = results.get(1);
        double[] expected = new double[4];
        for (int length = 49; length <= 64; length++) { // the last 16 tokens
            int blocks = (length + 3) / 4;
            int missing = 4 * blocks - length; // of the last block, which is chosen
            expected[0] += 5.0 / blocks / 16;
            expected[1] += (5.0 * 4 - missing) / length / 16;
            expected[2] += (3.0 * 4 - missing) / length / 16;
            expected[3] += 5.0 * 4 / length / 16;
        }
        assertThat(longer.get("passages").asInt()).isEqualTo(4);
        String[] names = {"blocks", "mass", "forcedMass", "bestMass"};
        for (int i = 0; i < names.length; i++) {
            assertThat(longer.get(names[i]).asDouble()).as(names[i]).isCloseTo(expected[i], within(1e-6));
        }
        assertThat(longer.get("leastLayerMass")).isEqualTo(longer.get("mass")); // there is one layer
        assertThat(Run.of(coverage(model, text)).out())
                .contains("16 tokens", "32 tokens", "64 tokens")
                .contains("8 passages: 100.0 % of the blocks hold 100.0 % of dense attention");
    }

    @Test
    void passagesLongerThanTextOrContextAreWrongUsage() throws Exception {
        Path model = BigramModel.write(directory.resolve("even.gguf"), 64);
        Path text = Files.writeString(directory.resolve("text"), "abcdefghijklmnopqrstuvwxyz");
        Run tooLong = Run.of(coverage(model, text, "--lengths", "20,50"));
        assertThat(tooLong.exitCode()).isNotZero();
        assertThat(tooLong.err()).contains("--lengths: found 50", "context of the model, 64");
        assertThat(tooLong.out()).isEmpty();
    }

    private static Object[] coverage(Path model, Path text, String... more) {
        List<Object> arguments = new ArrayList<>(List.of("bench", "-m", model, "--coverage", text));
        arguments.addAll(List.of("--sparse", "stride=1,topk=4,window=4"));
        arguments.addAll(List.of(more));
        return arguments.toArray();
    }
}
