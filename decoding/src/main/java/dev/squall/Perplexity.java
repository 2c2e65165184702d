package dev.squall;

/**
 * How well a model predicts a text.
 *
 * @param tokens tokens that were predicted
 * @param bytes bytes of the text in UTF-8
 * @param negativeLogLikelihood Σ −ln p of all tokens
 * @param window tokens of a window, the beginning-of-sequence token counted; windows do not overlap
 */
public record Perplexity(long tokens, long bytes, double negativeLogLikelihood, int window) {
    /** e to the mean of −ln p. */
    public double perplexity() {
        return Math.exp(negativeLogLikelihood / tokens);
    }

    /** Bits that the model needs for a byte of the text. */
    public double bitsPerByte() {
        return negativeLogLikelihood / Math.log(2) / bytes;
    }
}
