package dev.squall.model.spec;

/**
 * What an EAGLE draft's files do not say and published programs do in two ways. The text never depends on it; how often
 * guesses are right may, so whoever brings a draft measures both.
 *
 * @param rope whose rotation the draft uses
 * @param scaledHead whether the draft scales its features in front of the head as the model does: MiniCPM4 divides by 16,
 *     and drafts that do not are as much surer of their guesses
 */
public record DraftVariant(Rope rope, boolean scaledHead) {
    /** A table of rotation angles. */
    public enum Rope {
        /** The model's, with whatever stretches it to long texts (Zhao et al. 2025, FR-Spec). */
        MODEL,
        /** What the draft's config.json says, 10,000 where it says nothing (Li et al. 2024, EAGLE). */
        DRAFT
    }

    /** The model's rotation and its scale of the head. */
    public static DraftVariant defaults() {
        return new DraftVariant(Rope.MODEL, true);
    }

    public DraftVariant withRope(Rope rope) {
        return new DraftVariant(rope, scaledHead);
    }

    public DraftVariant withScaledHead(boolean scaledHead) {
        return new DraftVariant(rope, scaledHead);
    }
}
