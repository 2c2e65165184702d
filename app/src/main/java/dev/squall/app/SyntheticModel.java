package dev.squall.app;

import dev.squall.model.format.GgufWriter;
import dev.squall.model.format.TensorType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A MiniCPM of some sizes with random weights in BF16: what it says has no meaning, but it takes the time of a real one.
 *
 * @param name for reports
 * @param dim width of the residual stream
 * @param hidden width of the feed-forward layers
 */
record SyntheticModel(
        String name, int layers, int dim, int hidden, int heads, int kvHeads, int headDim, int vocabulary) {
    /** MiniCPM4-0.5B: 433 million weights, the table of embeddings among them, which is the head as well. */
    static final SyntheticModel MINICPM4_HALF_B =
            new SyntheticModel("MiniCPM4-0.5B", 24, 1024, 4096, 16, 2, 64, 73_448);

    /** Writes the model as a GGUF file. */
    Path write(Path file, int context) {
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", "minicpm")
                .put("general.name", name)
                .put("minicpm.context_length", context)
                .put("minicpm.embedding_length", dim)
                .put("minicpm.block_count", layers)
                .put("minicpm.feed_forward_length", hidden)
                .put("minicpm.attention.head_count", heads)
                .put("minicpm.attention.head_count_kv", kvHeads)
                .put("minicpm.attention.key_length", headDim)
                .put("minicpm.attention.value_length", headDim)
                .put("minicpm.attention.layer_norm_rms_epsilon", 1e-5f)
                .put("minicpm.rope.freq_base", 10_000f)
                .put("minicpm.rope.dimension_count", headDim);
        float[] ones = new float[dim];
        Arrays.fill(ones, 1f);
        matrix(writer, "token_embd.weight", vocabulary, dim);
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            writer.tensor(block + "attn_norm.weight", new long[] {dim}, ones);
            matrix(writer, block + "attn_q.weight", heads * headDim, dim);
            matrix(writer, block + "attn_k.weight", kvHeads * headDim, dim);
            matrix(writer, block + "attn_v.weight", kvHeads * headDim, dim);
            matrix(writer, block + "attn_output.weight", dim, heads * headDim);
            writer.tensor(block + "ffn_norm.weight", new long[] {dim}, ones);
            matrix(writer, block + "ffn_gate.weight", hidden, dim);
            matrix(writer, block + "ffn_up.weight", hidden, dim);
            matrix(writer, block + "ffn_down.weight", dim, hidden);
        }
        writer.tensor("output_norm.weight", new long[] {dim}, ones);
        return writer.write(file);
    }

    /** Uniform numbers of variance 1 / cols. */
    private static void matrix(GgufWriter writer, String name, int rows, int cols) {
        float most = (float) Math.sqrt(3.0 / cols);
        writer.tensor(name, TensorType.BF16, new long[] {rows, cols}, () -> {
            SplittableRandom random = new SplittableRandom(name.hashCode());
            byte[] bytes = new byte[2 * rows * cols];
            for (int i = 0; i < bytes.length; i += 2) {
                float weight = random.nextInt() * 0x1p-31f * most;
                int bits = Float.floatToRawIntBits(weight);
                bytes[i] = (byte) (bits >> 16);
                bytes[i + 1] = (byte) (bits >> 24);
            }
            return bytes;
        });
    }
}
