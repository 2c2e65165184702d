package dev.squall;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a model is loaded.
 *
 * @param kernels which kernels compute
 * @param contextLength most tokens of a sequence; 0 for the model's own, at most 4096 unless asked for
 * @param sequences most sequences that are decoded together; more requests wait
 * @param tokenizer the tokenizer's file, where the model has none of its own
 */
public record LoadOptions(Kernels kernels, int contextLength, int sequences, Optional<Path> tokenizer) {
    /** A set of kernels. */
    public enum Kernels {
        /** The Vector API where its module is present, else the reference. */
        AUTO,
        /** The Vector API on all cores. */
        SIMD,
        /** The definition: plain loops on one thread. */
        REFERENCE
    }

    public LoadOptions {
        if (contextLength < 0) {
            throw new IllegalArgumentException("contextLength: found " + contextLength + ", expected at least 0");
        }
        if (sequences < 1) {
            throw new IllegalArgumentException("sequences: found " + sequences + ", expected at least 1");
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    public static LoadOptions defaults() {
        return builder().build();
    }

    /** Collects options; what is not set keeps its default. */
    public static final class Builder {
        private Kernels kernels = Kernels.AUTO;
        private int contextLength;
        private int sequences = 1;
        private Path tokenizer;

        private Builder() {}

        public Builder kernels(Kernels kernels) {
            this.kernels = kernels;
            return this;
        }

        public Builder contextLength(int contextLength) {
            this.contextLength = contextLength;
            return this;
        }

        public Builder sequences(int sequences) {
            this.sequences = sequences;
            return this;
        }

        public Builder tokenizer(Path tokenizer) {
            this.tokenizer = tokenizer;
            return this;
        }

        public LoadOptions build() {
            return new LoadOptions(kernels, contextLength, sequences, Optional.ofNullable(tokenizer));
        }
    }
}
