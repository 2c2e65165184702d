package dev.squall.model.format;

/** The kinds of model files. */
public enum Format {
    GGUF,
    HUGGING_FACE,
    LLAMA2C
}
