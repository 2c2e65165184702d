package dev.squall.model.spec;

import dev.squall.model.spec.LayerSpec.NormSpec;

/**
 * What sets a model that reads whole sentences (Devlin et al. 2019; Liu et al. 2019, RoBERTa) apart from a decoder.
 *
 * <pre>
 *   x[t]   = norm(word[token] + position[t + firstPosition] + type[0])
 *   head   WORDS                   logits = h · word
 *          MASKED_LANGUAGE_MODEL   logits = norm(gelu(dense(h))) · word + bias
 * </pre>
 *
 * @param embeddingNorm norm of the sum of the embeddings
 * @param firstPosition row of the table of positions that belongs to the first token: one past that of padding
 * @param types rows of the table of sentence types, of which the first is used
 * @param head what scores words
 * @param prefix what stands before the names of the encoder's tensors: "roberta." or nothing
 */
public record EncoderSpec(NormSpec embeddingNorm, int firstPosition, int types, Head head, String prefix) {
    /** What makes logits of hidden states. */
    public enum Head {
        /** The words' own embeddings. */
        WORDS,
        /** That of pre-training: a layer, GELU and a norm in front of the embeddings, and a bias of every word. */
        MASKED_LANGUAGE_MODEL
    }

    /** The same with another head. */
    public EncoderSpec withHead(Head other) {
        return new EncoderSpec(embeddingNorm, firstPosition, types, other, prefix);
    }
}
