package dev.squall;

import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KvType;
import dev.squall.model.spec.DraftVariant;
import dev.squall.model.spec.RopePreset;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a model is loaded.
 *
 * @param kernels which kernels compute
 * @param contextLength most tokens of a sequence; 0 for the model's own, at most 4096 unless asked for
 * @param sequences most sequences that are decoded together; more requests wait
 * @param tokenizer the tokenizer's file, where the model has none of its own
 * @param device the device that computes: an index, a part of a name or {@code auto}; empty for the JVM, or for
 *     {@code auto} in a process that was started with TornadoVM
 * @param draft the directory of an EAGLE draft for the model, which is loaded with it; empty for the one that lies in the
 *     directory {@code draft} in or beside the model, if there is one: it is loaded once its guesses are wanted
 * @param draftBeside whether such a draft is used
 * @param draftVocabulary tokens that the draft may guess, the most frequent ones (Zhao et al. 2025, FR-Spec); empty for
 *     all
 * @param draftVariant what the draft's files do not say: whose rotation it uses, and whether its head is scaled
 * @param attention whether rows attend to all keys or to the blocks that matter (Zhao et al. 2025, InfLLM-V2)
 * @param sparse which blocks those are; empty for what the model's files say, else for what MiniCPM4 was trained with
 * @param kvType how keys and values are stored: F16 takes half the memory of F32 and rounds them
 * @param rope a published list of rotary factors, which lets MiniCPM4 read longer texts; empty for the model's own
 */
public record LoadOptions(
        Kernels kernels,
        int contextLength,
        int sequences,
        Optional<Path> tokenizer,
        Optional<String> device,
        Optional<Path> draft,
        boolean draftBeside,
        List<Integer> draftVocabulary,
        DraftVariant draftVariant,
        Attention attention,
        Optional<SparseConfig> sparse,
        KvType kvType,
        Optional<RopePreset> rope) {
    /** Which keys a row attends to. */
    public enum Attention {
        /** Sparse where the model's files say how, else dense. */
        AUTO,
        /** All keys. */
        DENSE,
        /** The blocks that matter, once there are more keys than a row may attend to. */
        SPARSE
    }

    /** A set of kernels. */
    public enum Kernels {
        /** On a device its own; on the JVM the Vector API where its module is present, else the reference. */
        AUTO,
        /** The Vector API on all cores. */
        SIMD,
        /** The definition: plain loops on one thread; sparse attention on a device is that of {@link #AUTO}. */
        REFERENCE
    }

    public LoadOptions {
        if (contextLength < 0) {
            throw new IllegalArgumentException("contextLength: found " + contextLength + ", expected at least 0");
        }
        draftVocabulary = List.copyOf(draftVocabulary);
        Objects.requireNonNull(kvType, "kvType");
        if (draft.isEmpty() && !draftVocabulary.isEmpty()) {
            throw new IllegalArgumentException(
                    "draftVocabulary: found " + draftVocabulary.size() + " tokens, expected none without a draft");
        }
        if (draft.isEmpty() && !draftVariant.equals(DraftVariant.defaults())) {
            throw new IllegalArgumentException(
                    "draftVariant: found " + draftVariant + ", expected the default without a draft");
        }
        if (attention == Attention.DENSE && sparse.isPresent()) {
            throw new IllegalArgumentException(
                    "sparse: found " + sparse.get() + ", expected none with dense attention");
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
        private String device;
        private Path draft;
        private boolean draftBeside = true;
        private List<Integer> draftVocabulary = List.of();
        private DraftVariant draftVariant = DraftVariant.defaults();
        private Attention attention = Attention.AUTO;
        private SparseConfig sparse;
        private KvType kvType = KvType.F32;
        private RopePreset rope;

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

        public Builder device(String device) {
            this.device = device;
            return this;
        }

        public Builder draft(Path draft) {
            this.draft = draft;
            return this;
        }

        public Builder draftBeside(boolean used) {
            this.draftBeside = used;
            return this;
        }

        public Builder draftVocabulary(List<Integer> tokens) {
            this.draftVocabulary = tokens;
            return this;
        }

        public Builder draftVariant(DraftVariant variant) {
            this.draftVariant = variant;
            return this;
        }

        public Builder attention(Attention attention) {
            this.attention = attention;
            return this;
        }

        public Builder sparse(SparseConfig sparse) {
            this.sparse = sparse;
            return this;
        }

        public Builder kvType(KvType kvType) {
            this.kvType = kvType;
            return this;
        }

        public Builder rope(RopePreset rope) {
            this.rope = rope;
            return this;
        }

        public LoadOptions build() {
            return new LoadOptions(
                    kernels,
                    contextLength,
                    sequences,
                    Optional.ofNullable(tokenizer),
                    Optional.ofNullable(device),
                    Optional.ofNullable(draft),
                    draftBeside,
                    draftVocabulary,
                    draftVariant,
                    attention,
                    Optional.ofNullable(sparse),
                    kvType,
                    Optional.ofNullable(rope));
        }
    }
}
