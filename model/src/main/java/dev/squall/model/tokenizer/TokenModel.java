package dev.squall.model.tokenizer;

/** The algorithm between text and tokens, for text without special tokens. Thread-safe. */
interface TokenModel {
    /**
     * Appends the tokens of a text.
     *
     * @param first whether the text begins the input; otherwise it follows a special token
     */
    void encode(String text, boolean first, Ids out);
}
