package dev.squall.training;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.TensorNames.EncoderNames;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Gives an encoder the weights of a trained one, of its shape or of half its width: Net2Net's wider network (Chen et al. 2016, section
 * 2.2) for layers of RoBERTa's kind.
 *
 * <p>Every number of a hidden state is there twice, so means and variances of the norms stay as they are; every head and every neuron is
 * there twice; and what reads one of them shares its weight between the two copies, unevenly, so that the copies learn different
 * things. The grown encoder computes what the small one did, but for rounding. Tokens that the small one did not have begin as the mean
 * of those that it read them as.
 */
final class Growth {
    private final Checkpoint small;
    private final Network network;
    private final int[][] pieces; // [tokens][the small encoder's tokens of the same text]
    private final SplittableRandom random;

    private Growth(Checkpoint small, Network network, int[][] pieces, long seed) {
        this.small = small;
        this.network = network;
        this.pieces = pieces;
        random = new SplittableRandom(seed);
    }

    /**
     * Overwrites the weights of a network.
     *
     * @param spec of the network
     * @param from directory of a trained encoder
     * @param seed decides how copies share weights
     * @throws TrainingException if its shape is neither the network's nor half as wide
     */
    static void start(Network network, ModelSpec spec, Tokenizer tokenizer, Path from, long seed) {
        try (Checkpoint small = Checkpoints.open(from)) {
            requireShape(from, spec, Families.spec(small));
            int[][] pieces = pieces(tokenizer, Tokenizers.of(small, null));
            Growth growth = new Growth(small, network, pieces, seed);
            network.parameters().values().forEach(growth::fill);
        }
    }

    private static void requireShape(Path from, ModelSpec spec, ModelSpec small) {
        if (small.encoder() == null) {
            throw new TrainingException(from + ": family: found " + small.family() + ", expected an encoder");
        }
        int factor = spec.dim() == 2 * small.dim() ? 2 : 1;
        require(from, "width", small.dim() * factor, spec.dim());
        LayerSpec layer = small.layers().getFirst();
        LayerSpec wide = spec.layers().getFirst();
        require(from, "layers", small.layers().size(), spec.layers().size());
        require(from, "positions", small.contextLength(), spec.contextLength());
        require(from, "headDim", layer.attention().headDim(), wide.attention().headDim());
        require(
                from,
                "heads",
                layer.attention().heads() * factor,
                wide.attention().heads());
        require(
                from,
                "feedForward",
                layer.feedForward().hidden() * factor,
                wide.feedForward().hidden());
    }

    private static void require(Path from, String field, int found, int expected) {
        if (found != expected) {
            throw new TrainingException(from + ": " + field + ": found " + found + ", expected " + expected
                    + ", for a start from an encoder of the same shape or of half the width");
        }
    }

    private static int[][] pieces(Tokenizer tokenizer, Tokenizer old) {
        int[][] pieces = new int[tokenizer.vocabSize()][];
        for (int id = 0; id < pieces.length; id++) {
            OptionalInt same = old.id(tokenizer.piece(id));
            pieces[id] = same.isPresent()
                    ? new int[] {same.getAsInt()}
                    : old.encode(new String(tokenizer.bytes(id), StandardCharsets.UTF_8), false);
        }
        return pieces;
    }

    private void fill(Tensor parameter) {
        EncoderNames own = EncoderNames.ROBERTA;
        String name = parameter.name();
        TensorInfo info = small.require(name);
        float[] values = TensorValues.read(small, info);
        boolean words = parameter == network.words();
        boolean wordBias = name.equals(own.headBias());
        int width = wordBias ? 1 : (int) info.shape()[info.shape().length - 1];
        int rows = values.length / width;
        if (words || wordBias) {
            values = byToken(values, width);
            rows = pieces.length;
        }
        boolean table = words || name.startsWith(own.positions()) || name.startsWith(own.types());
        boolean reads = name.startsWith(own.headNorm()) || !table && !parameter.isVector(); // sums over a hidden state
        int columns = wordBias ? 1 : parameter.width();
        for (int row = 0; row < parameter.size() / columns; row++) {
            for (int column = 0; column < width; column++) {
                float value = values[row % rows * width + column];
                if (columns == width) {
                    parameter.value().set(row * columns + column, value);
                } else {
                    float share = reads ? 0.25f + 0.5f * (float) random.nextDouble() : 1f;
                    parameter.value().set(row * columns + column, value * share);
                    parameter.value().set(row * columns + width + column, reads ? value * (1f - share) : value);
                }
            }
        }
    }

    /** Rows of the small encoder's tokens as rows of the tokens. */
    private float[] byToken(float[] old, int width) {
        float[] values = new float[pieces.length * width];
        for (int id = 0; id < pieces.length; id++) {
            for (int piece : pieces[id]) {
                for (int i = 0; i < width; i++) {
                    values[id * width + i] += old[piece * width + i] / pieces[id].length;
                }
            }
        }
        return values;
    }
}
