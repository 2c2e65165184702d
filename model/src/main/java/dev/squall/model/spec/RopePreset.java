package dev.squall.model.spec;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Published lists of LongRoPE factors that let MiniCPM4 read 131,072 tokens (MiniCPM's documentation, section on long texts). A
 * list takes the place of the model's own two; the angles' magnitude stays 1, as the lists were made for.
 */
public enum RopePreset {
    /** For MiniCPM4-8B. */
    MINICPM4_128K(Lists.MINICPM4),
    /** For MiniCPM4.1-8B. */
    MINICPM4_1_128K(Lists.MINICPM4_1);

    /** Longest text that the lists were made for. */
    public static final int CONTEXT = 131_072;

    private static final double BASE = 10_000;

    private final float[] factors; // [64]

    RopePreset(float[] factors) {
        this.factors = factors;
    }

    /** The name that people write: minicpm4-128k, minicpm4.1-128k. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace("4_1_", "4.1_").replace('_', '-');
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public static RopePreset of(String label) {
        return Arrays.stream(values())
                .filter(preset -> preset.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("rope: found '" + label + "', expected one of "
                        + Arrays.stream(values()).map(RopePreset::label).collect(Collectors.joining(", "))));
    }

    /**
     * The model with this list in all layers, and its context.
     *
     * @throws IllegalArgumentException if the model is not a MiniCPM of 64 pairs a head
     */
    public ModelSpec apply(ModelSpec spec) {
        int pairs = spec.layers().getFirst().attention().rope().rotaryDim() / 2;
        if (!spec.family().equals("minicpm") || pairs != factors.length) {
            throw new IllegalArgumentException("rope " + label() + ": found " + spec.family() + " with " + pairs
                    + " pairs a head, expected minicpm with " + factors.length);
        }
        return new ModelSpec(
                spec.family(),
                spec.dim(),
                spec.vocabulary(),
                CONTEXT,
                spec.embeddingScale(),
                spec.layers().stream()
                        .map(layer -> layer.withRope(
                                RopeSpec.plain(layer.attention().rope().pairing(), BASE, 2 * factors.length)
                                        .dividedBy(factors)))
                        .toList(),
                spec.finalNorm(),
                spec.logitScale(),
                spec.tiedHead());
    }

    /** The lists; an enum's constants cannot read its own static fields. */
    private static final class Lists {
        // [64], original context 32,768
        static final float[] MINICPM4 = {
            0.99779972f, 1.0146583f, 1.03496804f, 1.05942925f, 1.0888815f, 1.12433014f, 1.1669771f, 1.21825681f,
            1.27987724f, 1.35386668f, 1.4426259f, 1.54898534f, 1.67626582f, 1.82834076f, 2.00969561f, 2.22547893f,
            2.48153638f, 2.78441593f, 3.14132891f, 3.56004784f, 4.04871938f, 4.75265196f, 5.59091304f, 6.58400593f,
            7.75322149f, 9.11975487f, 10.7044439f, 12.5249942f, 14.597396f, 16.9321448f, 19.538233f, 22.417131f,
            25.5682608f, 28.9911442f, 32.6840807f, 36.6517447f, 40.9039607f, 45.4664009f, 50.3714734f, 55.6804491f,
            61.470817f, 67.8622707f, 75.0051602f, 83.1189824f, 92.5004436f, 103.570869f, 116.949227f, 118.160746f,
            119.184975f, 120.048109f, 120.773528f, 121.381828f, 121.89095f, 122.316388f, 122.671424f, 122.967382f,
            123.213864f, 123.418983f, 123.589571f, 123.731365f, 123.849174f, 123.947019f, 124.028258f, 124.095692f
        };

        // [64], original context 65,536
        static final float[] MINICPM4_1 = {
            0.998231608f, 1.03304815f, 1.0749921f, 1.12550969f, 1.18633486f, 1.25954383f, 1.34761889f, 1.45352238f,
            1.58078167f, 1.7335856f, 1.91689229f, 2.13654714f, 2.39940842f, 2.71347551f, 3.08801185f, 3.5336503f,
            4.0624634f, 4.6879741f, 5.42507531f, 6.28981897f, 7.29902963f, 8.63570182f, 10.2108227f, 12.0538078f,
            14.1939446f, 16.6578068f, 19.4636207f, 22.6283112f, 26.1501061f, 30.0252669f, 34.2318333f, 38.7381193f,
            43.5024895f, 48.4762712f, 53.6113949f, 58.8573665f, 64.167983f, 69.5135946f, 74.8655546f, 80.2149779f,
            85.5532218f, 90.8961181f, 96.2624531f, 101.682693f, 107.186195f, 112.822533f, 118.637641f, 119.888662f,
            120.946288f, 121.837565f, 122.586638f, 123.214772f, 123.740495f, 124.179804f, 124.546418f, 124.852025f,
            125.106544f, 125.318351f, 125.494501f, 125.640919f, 125.762569f, 125.863605f, 125.947493f, 126.017126f
        };
    }
}
