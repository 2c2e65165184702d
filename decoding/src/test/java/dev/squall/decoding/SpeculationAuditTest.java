package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.KernelSet;
import dev.squall.model.fixtures.BigramDraft;
import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.DraftModel;
import dev.squall.model.transformer.TinyDraft;
import dev.squall.model.transformer.TinyModel;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What speculation leaves behind: caches without a trace of it, and the distribution of plain sampling. */
@Timeout(120)
class SpeculationAuditTest {
    @TempDir
    Path folder;

    /** After every round the caches of model and draft hold what they would hold if the text had been computed in one go. */
    @Test
    void cachesAreThoseOfTheTextAlone() {
        TinyModel model = TinyModel.llama3();
        try (TinyGenerators tiny = new TinyGenerators(model, "F32", folder);
                Checkpoint files = Checkpoints.open(TinyDraft.of(model)[0].write(folder.resolve("draft")));
                Transformer transformer = tiny.transformer();
                Transformer alone = tiny.transformer()) {
            DraftModel draft = DraftModel.load(files, transformer, KernelSet.best(), null);
            DraftModel draftAlone = DraftModel.load(files, alone, KernelSet.best(), null);
            int depth = 4;
            int rounds = 0;
            try (Generator generator = new Generator(transformer, tiny.tokenizer, 1, draft)) {
                Request request = generator.submit(
                        "",
                        tiny.prompt(2),
                        GenerationOptions.builder()
                                .maxTokens(30)
                                .temperature(0.4)
                                .ignoreEndOfSequence(true)
                                .speculation(Speculation.model()
                                        .withTreeSize(30)
                                        .withDepth(depth)
                                        .withTopK(10))
                                .build());
                int audited = 0;
                while (generator.next(request) != null && request.isRunning()) {
                    int computed = request.length() - 1;
                    if (computed == audited) {
                        continue; // a further token of the same round
                    }
                    audited = computed;
                    rounds++;
                    recompute(alone, draftAlone, Arrays.copyOf(request.tokens(), request.length()));
                    compare(transformer.cache(), alone.cache(), model.layers(), attention(transformer), computed);
                    // The draft catches up at the beginning of a round, and then guesses behind what it has.
                    int followed = rounds == 1 ? 0 : computed - depth - 1;
                    compare(draft.cache(), draftAlone.cache(), 1, new int[] {1, model.dim() / 4}, followed);
                }
            }
            draftAlone.close();
            assertThat(rounds).isGreaterThan(7);
        }
    }

    private static int[] attention(Transformer transformer) {
        AttentionSpec spec = transformer.spec().layers().getFirst().attention();
        return new int[] {spec.kvHeads(), spec.headDim()};
    }

    /** All tokens but the last through the model, and their hidden states through the draft, one by one. */
    private static void recompute(Transformer transformer, DraftModel draft, int[] tokens) {
        try (KvCache.Sequence sequence = transformer.cache().open();
                KvCache.Sequence draftSequence = draft.cache().open()) {
            sequence.ensure(tokens.length);
            draftSequence.ensure(tokens.length);
            long bytes = 4L * draft.dim();
            for (int position = 0; position < tokens.length - 1; position++) {
                Rows rows = transformer.newRows();
                rows.addCausal(sequence, tokens[position], position, false);
                transformer.forward(rows);
                MemorySegment.copy(
                        transformer.hidden().getSegment(), 0, draft.hidden().getSegment(), 0, bytes);
                Rows draftRows = draft.newRows();
                draftRows.addCausal(draftSequence, tokens[position + 1], position, false);
                draft.forward(draftRows);
            }
        } // the pages keep what was written; the next sequence gets the same ones
    }

    /** Bits of the keys and values of the first slots; both sequences are the first ones of their caches. */
    private static void compare(KvCache found, KvCache expected, int layers, int[] shape, int slots) {
        for (int layer = 0; layer < layers; layer++) {
            for (int slot = 0; slot < slots; slot++) {
                for (int head = 0; head < shape[0]; head++) {
                    assertThat(slot(found, found.keys(layer), slot, head, shape))
                            .as("key of layer %d, slot %d of %d", layer, slot, slots)
                            .isEqualTo(slot(expected, expected.keys(layer), slot, head, shape));
                    assertThat(slot(found, found.values(layer), slot, head, shape))
                            .as("value of layer %d, slot %d of %d", layer, slot, slots)
                            .isEqualTo(slot(expected, expected.values(layer), slot, head, shape));
                }
            }
        }
    }

    /** Pages are handed out from the lowest number on, so the first sequence has them in order. */
    private static float[] slot(KvCache cache, FloatArray array, int slot, int head, int[] shape) {
        int page = slot / cache.pageSize();
        int at = ((page * shape[0] + head) * cache.pageSize() + slot % cache.pageSize()) * shape[1];
        float[] values = new float[shape[1]];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(at + i);
        }
        return values;
    }

    /** Pearson's test of the third token, whose distribution is known by hand, over many seeds. */
    @Test
    void sampledTokensHaveTheDistributionOfTheModel() {
        int requests = 1500;
        double temperature = 1.5;
        try (Checkpoint model = Checkpoints.open(BigramModel.write(folder.resolve("bigrams.gguf"), 64));
                Checkpoint files = Checkpoints.open(BigramDraft.write(folder.resolve("draft")))) {
            Tokenizer tokenizer = Tokenizers.of(model, null);
            TransformerOptions sizes = TransformerOptions.defaults().withSequences(6);
            int[] counts = new int[BigramModel.VOCABULARY];
            int guessed = 0;
            try (Transformer transformer = Transformer.load(model, KernelSet.best(), sizes);
                    Generator generator = new Generator(
                            transformer, tokenizer, 6, DraftModel.load(files, transformer, KernelSet.best(), null))) {
                List<int[]> prompts = new ArrayList<>();
                List<GenerationOptions> options = new ArrayList<>();
                for (int seed = 0; seed < requests; seed++) {
                    prompts.add(new int[] {BigramModel.BOS, BigramModel.A});
                    options.add(GenerationOptions.builder()
                            .maxTokens(3)
                            .temperature(temperature)
                            .ignoreEndOfSequence(true)
                            .seed(seed)
                            .speculation(Speculation.model()
                                    .withTreeSize(9)
                                    .withDepth(2)
                                    .withTopK(4))
                            .build());
                }
                for (Generation one : TinyGenerators.together(generator, prompts, options)) {
                    counts[one.tokens().getLast().id()]++;
                    guessed += one.tokens().get(1).guessed() ? 1 : 0; // the third comes out of its row
                }
            }
            assertThat(guessed)
                    .as("rows of guesses that third tokens came out of")
                    .isGreaterThan(requests / 10);
            double[] expected = third(temperature);
            double statistic = 0;
            for (int id = 0; id < counts.length; id++) {
                double mean = requests * expected[id];
                assertThat(mean).as("enough of each for the test").isGreaterThan(5);
                statistic += (counts[id] - mean) * (counts[id] - mean) / mean;
            }
            assertThat(statistic).as("chi-square, 31 degrees of freedom").isLessThan(61.1); // one in a thousand
            double[] wrong = third(1.3 * temperature);
            double other = IntStream.range(0, counts.length)
                    .mapToDouble(id -> Math.pow(counts[id] - requests * wrong[id], 2) / (requests * wrong[id]))
                    .sum();
            assertThat(other).as("the test can tell another temperature").isGreaterThan(61.1);
        }
    }

    /** The distribution three tokens behind the letter a. */
    private static double[] third(double temperature) {
        int n = BigramModel.VOCABULARY;
        double[] now = new double[n];
        now[BigramModel.A] = 1;
        for (int step = 0; step < 3; step++) {
            double[] next = new double[n];
            for (int from = 0; from < n; from++) {
                double sum = 0;
                for (int to = 0; to < n; to++) {
                    sum += Math.exp(BigramModel.score(from, to) / temperature);
                }
                for (int to = 0; to < n; to++) {
                    next[to] += now[from] * Math.exp(BigramModel.score(from, to) / temperature) / sum;
                }
            }
            now = next;
        }
        return now;
    }
}
