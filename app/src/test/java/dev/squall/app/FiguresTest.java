package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.model.fixtures.BigramModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that tell figures: {@code info}, {@code perplexity}, {@code bench} and {@code doctor}. */
class FiguresTest {
    private static final int CONTEXT = 16;

    @TempDir
    static Path directory;

    private static Path model;

    @BeforeAll
    static void write() {
        model = BigramModel.write(directory.resolve("bigrams.gguf"), CONTEXT);
    }

    @Test
    void infoTellsWhatTheFileSays() {
        JsonNode json = fine("info", "-m", model, "--json").json();
        long matrix = 32 * 32;
        long parameters = 9 * matrix + 3 * 32; // embedding, four of attention, three of feed-forward, head; norms
        Map<String, Object> expected = Map.ofEntries(
                Map.entry("path", model.toString()),
                Map.entry("format", "GGUF"),
                Map.entry("family", "llama"),
                Map.entry("parameters", parameters),
                Map.entry("bytes", 4 * parameters),
                Map.entry("bytesPerToken", 4 * (parameters - matrix)),
                Map.entry("layers", 1),
                Map.entry("dim", 32),
                Map.entry("hidden", 32),
                Map.entry("heads", 1),
                Map.entry("kvHeads", 1),
                Map.entry("headDim", 32),
                Map.entry("vocabulary", 32),
                Map.entry("contextLength", CONTEXT),
                Map.entry("tiedHead", false),
                Map.entry("tensorTypes", "{\"F32\":12}"));
        assertThat(json.propertyNames()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        expected.forEach((name, value) -> assertThat(
                        json.get(name).isString()
                                ? json.get(name).stringValue()
                                : json.get(name).toString())
                .as(name)
                .isEqualTo(value.toString()));
        assertThat(fine("info", "-m", model).out()).contains("llama").hasLineCount(expected.size());
    }

    /** Windows are of the trained context, or the whole text where it is shorter, or of what --context says. */
    @ParameterizedTest
    @CsvSource({"16, 0, 16, 20", "16, 5, 5, 6", "8192, 0, 4502, 300"})
    void perplexityInWindowsOfTheTrainedContext(int trained, int asked, int window, int sentences) throws IOException {
        String text = "ab cde, fghij. ".repeat(sentences); // 300 are 4501 tokens: more than the usual context
        Path file = Files.writeString(directory.resolve("text.txt"), text);
        Path measured = BigramModel.write(directory.resolve("measured.gguf"), trained);
        Run run = asked == 0
                ? fine("perplexity", "-m", measured, "--file", file, "--json")
                : fine("perplexity", "-m", measured, "--file", file, "--json", "--context", asked);
        double sum = 0;
        int previous = BigramModel.BOS;
        for (int i = 0; i <= text.length(); i++) {
            int next = i == 0 ? BigramModel.SPACE : token(text.charAt(i - 1));
            sum += loss(i % (window - 1) == 0 ? BigramModel.BOS : previous, next);
            previous = next;
        }
        JsonNode json = run.json();
        assertThat(json.propertyNames()).containsExactly("perplexity", "bitsPerByte", "tokens", "bytes", "window");
        assertThat(json.get("window").intValue()).isEqualTo(window);
        assertThat(json.get("tokens").intValue()).isEqualTo(text.length() + 1);
        assertThat(json.get("bytes").intValue()).isEqualTo(text.length());
        assertThat(json.get("bitsPerByte").doubleValue()).isCloseTo(sum / Math.log(2) / text.length(), within(1e-5));
        assertThat(Math.log(json.get("perplexity").doubleValue())).isCloseTo(sum / (text.length() + 1), within(1e-5));
    }

    private static int token(char c) {
        return switch (c) {
            case ' ' -> BigramModel.SPACE;
            case '.' -> BigramModel.STOP;
            case ',' -> BigramModel.COMMA;
            default -> BigramModel.A + c - 'a';
        };
    }

    private static double loss(int previous, int next) {
        double sum = 0;
        for (int other = 0; other < BigramModel.VOCABULARY; other++) {
            sum += Math.exp(BigramModel.score(previous, other));
        }
        return Math.log(sum) - BigramModel.score(previous, next);
    }

    @Test
    void perplexityCountsTheFilesOwnBytes() throws IOException {
        Path file = Files.writeString(directory.resolve("bytes.txt"), "\ufeffcaf\u00e9\r\n\u4e16\ud83d\ude00");
        JsonNode json =
                fine("perplexity", "-m", model, "--file", file, "--json").json();
        assertThat(json.get("bytes").longValue()).isEqualTo(Files.size(file));
        assertThat(fine("perplexity", "-m", model, "--file", file).out())
                .hasLineCount(1)
                .contains("perplexity", "bits per byte");
    }

    @Test
    void meanAndDeviationOfRuns() {
        assertThat(Spread.of(2, 4, 9)).isEqualTo(new Spread(5, Math.sqrt(13)));
    }

    /** What the launcher does for a device: the figures of another process beside one's own. */
    @Test
    void benchSetsFiguresBesideRecordedOnes() throws IOException {
        Path file = directory.resolve("jvm.json");
        Object[] short_ = {"bench", "-m", model, "--prompt-tokens", 4, "--gen-tokens", 3, "--repeat", 1};
        assertThat(fine(append(short_, "--record", file)).out()).isEmpty();
        JsonNode recorded = new JsonMapper().readTree(file.toFile());
        assertThat(fine(append(short_, "--beside", file, "--json")).json().get("jvm"))
                .isEqualTo(recorded);
        String mean = String.format(
                Locale.ROOT,
                "on the JVM %.2f ± 0.00",
                recorded.get("promptTokensPerSecond").get("mean").doubleValue());
        assertThat(fine(append(short_, "--beside", file)).out().lines().toList())
                .anySatisfy(line -> assertThat(line).startsWith("prompt ").endsWith(mean))
                .hasSize(5);
    }

    private static Object[] append(Object[] arguments, Object... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray();
    }

    @Test
    void benchGivesMeanAndDeviation() {
        Run run = fine("bench", "-m", model, "--prompt-tokens", 4, "--gen-tokens", 3, "--repeat", 1, "--json");
        JsonNode json = run.json();
        assertThat(json.propertyNames())
                .containsExactly(
                        "model",
                        "promptTokens",
                        "genTokens",
                        "repeat",
                        "promptTokensPerSecond",
                        "generationTokensPerSecond",
                        "weightBytesPerSecond",
                        "readBandwidth",
                        "bandwidthShare");
        assertThat(json.get("promptTokens").intValue()).isEqualTo(4);
        assertThat(json.get("genTokens").intValue()).isEqualTo(3);
        assertThat(json.get("repeat").intValue()).isEqualTo(1);
        for (String figure : new String[] {
            "promptTokensPerSecond",
            "generationTokensPerSecond",
            "weightBytesPerSecond",
            "readBandwidth",
            "bandwidthShare"
        }) {
            assertThat(json.get(figure).propertyNames()).containsExactly("mean", "deviation");
            assertThat(json.get(figure).get("mean").doubleValue()).as(figure).isPositive();
            assertThat(json.get(figure).get("deviation").doubleValue())
                    .as(figure)
                    .isZero(); // of one run
        }
        double bytesPerToken = 4 * (8 * 32 * 32 + 3 * 32);
        assertThat(json.get("weightBytesPerSecond").get("mean").doubleValue()
                        / json.get("generationTokensPerSecond").get("mean").doubleValue())
                .isCloseTo(bytesPerToken, within(1e-6 * bytesPerToken));
    }

    @Test
    void doctorTellsWhatItFound() {
        JsonNode json = fine("doctor", "--json").json();
        assertThat(json.propertyNames())
                .containsExactly(
                        "squall", "jdk", "system", "cores", "maxHeap", "vectors", "readBandwidth", "tornadoVM");
        assertThat(json.get("jdk").stringValue()).contains(Runtime.version().toString());
        assertThat(json.get("vectors").stringValue()).matches("\\d+ bits \\(\\d+ floats\\)");
        assertThat(json.get("readBandwidth").stringValue()).endsWith(" GB/s");
    }

    @Test
    void doctorExaminesADeviceOnlyWhereThereIsOne() {
        Run run = Run.of("doctor", "--device", "0");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("device '0'", "computes on the JVM");
    }

    @Test
    void doctorLooksForTheSdkWhereTheLauncherDoes() throws IOException {
        String home = directory.toString();
        assertThat(DoctorCommand.tornadoVm(Map.of("HOME", home)))
                .startsWith("not found")
                .contains(home);
        assertThat(DoctorCommand.tornadoVm(Map.of("TORNADOVM_HOME", home)))
                .startsWith("not found")
                .contains(home, "tornado-argfile");
        Path sdk = Files.createDirectories(directory.resolve("sdks/tornadovm/current"));
        Files.createFile(sdk.resolve("tornado-argfile"));
        assertThat(DoctorCommand.tornadoVm(Map.of("TORNADOVM_HOME", sdk.toString())))
                .startsWith("found in " + sdk);
        assertThat(DoctorCommand.tornadoVm(Map.of(
                        "SDKMAN_CANDIDATES_DIR", directory.resolve("sdks").toString())))
                .startsWith("found in " + sdk);
    }

    private static Run fine(Object... arguments) {
        Run run = Run.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return run;
    }
}
