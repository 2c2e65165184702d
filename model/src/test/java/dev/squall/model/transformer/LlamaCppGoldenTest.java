package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.KernelSet;
import dev.squall.model.fixtures.OracleModels;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The same model files in this engine and in llama.cpp, which none of us wrote: what it computed is recorded in the
 * resources, with the command that made it.
 *
 * <p>"exact" was recorded with all weights widened to F32 by llama.cpp itself, so that it rounds nothing; we compute
 * on the original files and must agree closely, and greedily in every token. "direct" is llama.cpp on the original
 * files, where it rounds activations to the weights' format; only nearness can be asked there.
 */
class LlamaCppGoldenTest {
    private static final double EXACT = 1e-4; // of logits up to 10; measured: 3.8e-5
    private static final int CHUNK = 33; // of the prompt: batches that end neither on pages nor on recorded rows

    @TempDir
    Path folder;

    static List<Arguments> runs() {
        List<Arguments> runs = new ArrayList<>();
        for (OracleModels model : OracleModels.values()) {
            runs.add(Arguments.of(model, "reference", KernelSet.reference()));
            runs.add(Arguments.of(model, "simd", KernelSet.simd()));
        }
        return runs;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("runs")
    void agreesWithLlamaCpp(OracleModels model, String set, KernelSet kernels) throws Exception {
        JsonNode recorded = recorded();
        JsonNode runs = recorded.get("models").get(model.name().toLowerCase(Locale.ROOT) + ".gguf");
        int[] prompt = ints(recorded.get("prompt"));
        int[] greedy = ints(runs.get("exact").get("greedy"));
        float[][] logits; // [prompt + greedy, vocabulary]
        try (Checkpoint checkpoint = Checkpoints.open(model.write(folder));
                Transformer transformer = Transformer.load(
                        checkpoint, kernels, TransformerOptions.defaults().withRows(CHUNK, CHUNK))) {
            logits = generate(transformer, prompt, greedy.length);
        }
        int[] ours = new int[greedy.length];
        for (int i = 0; i < ours.length; i++) {
            ours[i] = argMax(logits[prompt.length - 1 + i]);
        }
        assertThat(ours).as("greedy ids").isEqualTo(greedy);
        for (JsonNode row : runs.get("exact").get("rows")) {
            compare(row, logits[row.get("position").asInt()], EXACT);
        }
        for (JsonNode row : runs.get("direct").get("rows")) {
            if (row.get("position").asInt() < prompt.length) { // later ones hang on ids chosen with rounding
                compare(row, logits[row.get("position").asInt()], direct(model));
            }
        }
    }

    /** How far llama.cpp's rounding of activations moves its own logits, measured between its two runs, and half more. */
    private static double direct(OracleModels model) {
        return switch (model) {
            case LLAMA_F16 -> 0.012;
            case QWEN3_BF16 -> 0.04;
            case LLAMA_Q8_0 -> 0.26;
            case QWEN2_Q4_0 -> 0.45;
            default -> EXACT;
        };
    }

    private static void compare(JsonNode row, float[] logits, double tolerance) {
        for (JsonNode entry : row.get("top")) {
            assertThat((double) logits[entry.get(0).asInt()])
                    .as("position %s, logit %s", row.get("position"), entry.get(0))
                    .isEqualTo(entry.get(1).asDouble(), within(tolerance));
        }
        double sum = 0;
        double squares = 0;
        for (float logit : logits) {
            sum += logit;
            squares += (double) logit * logit;
        }
        assertThat(logits).hasSize(OracleModels.VOCABULARY);
        assertThat(sum / logits.length)
                .as("mean at position %s", row.get("position"))
                .isEqualTo(row.get("mean").asDouble(), within(tolerance));
        assertThat(Math.sqrt(squares / logits.length))
                .as("root mean square at position %s", row.get("position"))
                .isEqualTo(Math.sqrt(row.get("meanSquare").asDouble()), within(tolerance));
    }

    /** Logits after every token of the prompt and of its greedy continuation. */
    private static float[][] generate(Transformer transformer, int[] prompt, int count) {
        float[][] logits = new float[prompt.length + count][];
        Rows rows = transformer.newRows();
        try (KvCache.Sequence sequence = transformer.cache().open()) {
            for (int start = 0; start < prompt.length; start += CHUNK) {
                rows.clear();
                int end = Math.min(prompt.length, start + CHUNK);
                sequence.ensure(end);
                for (int position = start; position < end; position++) {
                    rows.addCausal(sequence, prompt[position], position, true);
                }
                transformer.forward(rows);
                for (int position = start; position < end; position++) {
                    logits[position] = row(transformer, position - start);
                }
            }
            for (int position = prompt.length; position < logits.length; position++) {
                rows.clear();
                sequence.ensure(position + 1);
                rows.addCausal(sequence, argMax(logits[position - 1]), position, true);
                transformer.forward(rows);
                logits[position] = row(transformer, 0);
            }
        }
        return logits;
    }

    private static float[] row(Transformer transformer, int row) {
        float[] logits = new float[transformer.spec().vocabulary()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = transformer.logits().get(row * logits.length + i);
        }
        return logits;
    }

    private static int argMax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    private static int[] ints(JsonNode list) {
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).asInt();
        }
        return values;
    }

    private static JsonNode recorded() throws java.io.IOException {
        try (InputStream in = LlamaCppGoldenTest.class.getResourceAsStream("/dev/squall/model/oracle/llama-cpp.json")) {
            return JsonMapper.shared().readTree(in);
        }
    }
}
