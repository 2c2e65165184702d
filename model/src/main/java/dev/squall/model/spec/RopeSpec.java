package dev.squall.model.spec;

import java.util.Arrays;

/**
 * Rotary position embedding (Su et al. 2021, "RoFormer"), reduced to what a kernel needs: which elements form a pair
 * and how fast each pair turns.
 *
 * @param pairing which elements turn together; a property of the checkpoint, not of the family
 * @param frequencies [rotaryDim / 2], radians a position, scaling already applied
 * @param magnitude factor on cosine and sine, 1 unless the scaling asks for another
 */
public record RopeSpec(Pairing pairing, float[] frequencies, float magnitude) {

    /** The two layouts in which converters leave the rows of the query and key matrices. */
    public enum Pairing {
        /** Elements 2i and 2i+1, as in the paper, llama2.c files and GGUF files of architecture llama. */
        ADJACENT,
        /** Elements i and i + rotaryDim/2, as in Hugging Face files and most other GGUF architectures. */
        HALVES
    }

    /** Number of elements of a head that turn. */
    public int rotaryDim() {
        return 2 * frequencies.length;
    }

    /** The same rotation for a checkpoint with the other layout. */
    public RopeSpec withPairing(Pairing other) {
        return new RopeSpec(other, frequencies, magnitude);
    }

    /** The unscaled rotation: pair i turns by base^(-2i/rotaryDim) a position. */
    public static RopeSpec plain(Pairing pairing, double base, int rotaryDim) {
        float[] frequencies = new float[rotaryDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) Math.pow(base, -2.0 * i / rotaryDim);
        }
        return new RopeSpec(pairing, frequencies, 1f);
    }

    /** Position interpolation (Chen et al. 2023): every pair turns {@code factor} times slower. */
    public RopeSpec linear(double factor) {
        float[] slower = frequencies.clone();
        for (int i = 0; i < slower.length; i++) {
            slower[i] = (float) (slower[i] / factor);
        }
        return new RopeSpec(pairing, slower, magnitude);
    }

    /**
     * A table with a divisor for each pair, as GGUF's {@code rope_freqs.weight} and LongRoPE's factor lists have it.
     *
     * @param factors [rotaryDim / 2]
     */
    public RopeSpec dividedBy(float[] factors) {
        if (factors.length != frequencies.length) {
            throw new IllegalArgumentException(
                    "rotary factors: found " + factors.length + ", expected " + frequencies.length);
        }
        float[] divided = frequencies.clone();
        for (int i = 0; i < divided.length; i++) {
            divided[i] = (float) ((double) divided[i] / factors[i]);
        }
        return new RopeSpec(pairing, divided, magnitude);
    }

    /**
     * LongRoPE (Ding et al. 2024): each pair has a divisor of its own. The long list counts where the model's context is
     * longer than the original one, so that a text never changes from one list to the other, which its cached keys could not
     * follow.
     *
     * @param longFactors [rotaryDim / 2]
     * @param shortFactors [rotaryDim / 2]
     * @param context longest text
     * @param originalContext longest text before the extension
     */
    public RopeSpec longRope(float[] longFactors, float[] shortFactors, int context, int originalContext) {
        dividedBy(longFactors); // the list that is not used is checked, too
        dividedBy(shortFactors);
        double ratio = (double) context / originalContext;
        double magnitude = ratio <= 1 ? 1 : Math.sqrt(1 + Math.log(ratio) / Math.log(originalContext));
        return dividedBy(ratio > 1 ? longFactors : shortFactors).withMagnitude(magnitude);
    }

    /** The same rotation with another factor on cosine and sine. */
    public RopeSpec withMagnitude(double factor) {
        return new RopeSpec(pairing, frequencies, (float) factor);
    }

    /**
     * The scaling of Llama 3.1 (Llama 3 report, section 3.4.3 and Meta's reference code): long waves turn
     * {@code factor} times slower, short waves stay, and those between are blended.
     *
     * @param originalContext context length before scaling, which the wave lengths are measured against
     */
    public RopeSpec llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            double frequency = frequencies[i];
            double turns = originalContext * frequency / (2 * Math.PI); // turns over the original context
            double keep = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
            keep = Math.clamp(keep, 0.0, 1.0);
            scaled[i] = (float) (keep * frequency + (1 - keep) * frequency / factor);
        }
        return new RopeSpec(pairing, scaled, magnitude);
    }

    /**
     * YaRN (Peng et al. 2023, section 3.2 and 3.4): a ramp over the pairs between those that make more than
     * {@code betaFast} turns over the original context, which stay, and those that make fewer than {@code betaSlow},
     * which are interpolated.
     *
     * @param base of the plain rotation
     */
    public RopeSpec yarn(double base, double factor, double betaFast, double betaSlow, int originalContext) {
        int dim = rotaryDim();
        double low = Math.max(0, Math.floor(pairWithTurns(betaFast, base, dim, originalContext)));
        double high = Math.min(dim - 1, Math.ceil(pairWithTurns(betaSlow, base, dim, originalContext)));
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            double interpolate = Math.clamp((i - low) / Math.max(0.001, high - low), 0.0, 1.0);
            scaled[i] = (float) (frequencies[i] * (1 - interpolate) + frequencies[i] / factor * interpolate);
        }
        return new RopeSpec(pairing, scaled, (float) (factor <= 1 ? 1.0 : 0.1 * Math.log(factor) + 1.0));
    }

    private static double pairWithTurns(double turns, double base, int dim, int context) {
        return dim * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RopeSpec that
                && pairing == that.pairing
                && magnitude == that.magnitude
                && Arrays.equals(frequencies, that.frequencies);
    }

    @Override
    public int hashCode() {
        return 31 * pairing.hashCode() + Arrays.hashCode(frequencies);
    }
}
