package dev.squall;

import java.util.List;

/**
 * What guessing in advance came to in one generation. A round is one pass after that of the prompt; its acceptance length is
 * the number of tokens it yielded: the guesses that were right, and one that the model chose itself, the bonus.
 *
 * <p>Times are those of whole passes: where several requests are decoded together, each counts the passes it took part in.
 *
 * @param rounds rounds
 * @param guesses tokens that were guessed, in all rounds
 * @param acceptedLengths entry a: rounds of acceptance length a; entry 0 is always 0
 * @param treeSizes entry n: rounds that checked a tree of n nodes, the root counted; entry 0 is always 0
 * @param outside bonus tokens that are not in the vocabulary of the draft, which it could not have guessed
 * @param draftLayer seconds in the layer of the draft model, or for lookup in the search
 * @param draftHead seconds in the head of the draft model
 * @param verify seconds in passes of the model
 * @param commit seconds spent on moving the keys and values of accepted guesses to their places
 */
public record SpeculationStatistics(
        int rounds,
        int guesses,
        List<Integer> acceptedLengths,
        List<Integer> treeSizes,
        int outside,
        double draftLayer,
        double draftHead,
        double verify,
        double commit) {
    private static final SpeculationStatistics NONE =
            new SpeculationStatistics(0, 0, List.of(), List.of(), 0, 0, 0, 0, 0);

    public SpeculationStatistics {
        acceptedLengths = List.copyOf(acceptedLengths);
        treeSizes = List.copyOf(treeSizes);
    }

    /** Of a generation without guesses. */
    public static SpeculationStatistics none() {
        return NONE;
    }

    /** Mean acceptance length, the bonus counted; 0 without rounds. */
    public double acceptedLength() {
        long tokens = 0;
        for (int length = 0; length < acceptedLengths.size(); length++) {
            tokens += (long) length * acceptedLengths.get(length);
        }
        return rounds == 0 ? 0 : (double) tokens / rounds;
    }

    /** Of the rounds in which the guesses above a depth were right, the share in which one of that depth was; 0 if none. */
    public double acceptance(int depth) {
        long above = 0;
        long here = 0;
        for (int length = 1; length < acceptedLengths.size(); length++) {
            above += length >= depth ? acceptedLengths.get(length) : 0;
            here += length > depth ? acceptedLengths.get(length) : 0;
        }
        return above == 0 ? 0 : (double) here / above;
    }

    /** Share of rounds whose bonus token the draft could not have guessed; 0 without rounds. */
    public double outsideShare() {
        return rounds == 0 ? 0 : (double) outside / rounds;
    }
}
