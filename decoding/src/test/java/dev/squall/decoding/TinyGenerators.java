package dev.squall.decoding;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Token;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.kernels.KvType;
import dev.squall.model.fixtures.OracleModels;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.TinyModel;
import dev.squall.model.transformer.TinyModelFiles;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A tiny random model in a file, and what is generated with it. */
final class TinyGenerators implements AutoCloseable {
    static final int CONTEXT = 96;
    private static final int SEQUENCES = 3;

    final TinyModel model;
    final Checkpoint checkpoint;
    final Tokenizer tokenizer;

    /** Every family, and a model of which some layers slide their window. */
    static Stream<TinyModel> models() {
        return Stream.concat(
                Stream.of(TinyModel.all()), Stream.of(TinyModel.qwen2().withWindow("qwen2-window", 9, 1)));
    }

    TinyGenerators(TinyModel model, String type, Path folder) {
        this.model = model;
        this.checkpoint = Checkpoints.open(TinyModelFiles.gguf(model, type, folder));
        try (Checkpoint vocabulary = Checkpoints.open(OracleModels.LLAMA.write(folder))) {
            this.tokenizer = Tokenizers.of(vocabulary, null);
        }
    }

    /** Pages of 16 slots, so that trees lie across their edges. */
    Transformer transformer() {
        return transformer((SparseConfig) null);
    }

    /** As {@link #transformer()}, with some kernels. */
    Transformer transformer(Kernels kernels) {
        return Transformer.load(checkpoint, kernels, sizes());
    }

    Transformer transformer(Kernels kernels, SparseConfig sparse, KvType kvType) {
        return Transformer.load(checkpoint, kernels, sizes().withSparse(sparse).withKvType(kvType));
    }

    /** As {@link #transformer()}, with sparse attention unless that is null. */
    Transformer transformer(SparseConfig sparse) {
        return transformer(sparse, KvType.F32);
    }

    /** As {@link #transformer(SparseConfig)}, with keys and values of a type. */
    Transformer transformer(SparseConfig sparse, KvType kvType) {
        return transformer(KernelSet.best(), sparse, kvType);
    }

    private static TransformerOptions sizes() {
        return TransformerOptions.defaults()
                .withRows(40, 33)
                .withContextLength(CONTEXT)
                .withSequences(SEQUENCES)
                .withPageSize(16);
    }

    /** A prompt with stretches that come back, which lookup can copy. */
    int[] prompt(int seed) {
        Random random = new Random(seed);
        int[] stretch =
                random.ints(3 + random.nextInt(5), 3, model.vocabulary()).toArray();
        int[] prompt = new int[1 + random.nextInt(40)];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] =
                    random.nextInt(4) == 0 ? 3 + random.nextInt(model.vocabulary() - 3) : stretch[i % stretch.length];
        }
        return prompt;
    }

    /** Decodes requests together, as many as have room, the rest after them. */
    static List<Generation> together(Generator generator, List<int[]> prompts, List<GenerationOptions> options) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            requests.add(generator.submit("", prompts.get(i), options.get(i)));
        }
        for (Request request : requests) {
            while (generator.next(request) != null) {
                // every token is in the result
            }
        }
        return requests.stream().map(generator::result).toList();
    }

    /** Tokens with everything but who guessed them. */
    static List<Token> tokens(Generation generation) {
        return generation.tokens().stream()
                .map(t -> new Token(t.id(), t.text(), t.position(), t.logProbability(), t.alternatives(), false))
                .toList();
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
