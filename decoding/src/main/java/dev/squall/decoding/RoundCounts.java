package dev.squall.decoding;

import dev.squall.SpeculationStatistics;
import java.util.ArrayList;
import java.util.List;

/** Adds up what guessing came to in one generation, for its {@link SpeculationStatistics}. */
final class RoundCounts {
    private final List<Integer> acceptedLengths = new ArrayList<>(); // [length], rounds
    private final List<Integer> treeSizes = new ArrayList<>(); // [nodes], rounds
    private int rounds;
    private int guesses;
    private int outside;
    private long draftLayer; // nanoseconds, as all below
    private long draftHead;
    private long verify;
    private long commit;

    /**
     * Counts a round.
     *
     * @param guessed nodes of the tree below the root
     * @param accepted tokens that the round yielded
     */
    void round(int guessed, int accepted) {
        rounds++;
        guesses += guessed;
        count(acceptedLengths, accepted);
        count(treeSizes, guessed + 1);
    }

    private static void count(List<Integer> counts, int which) {
        while (counts.size() <= which) {
            counts.add(0);
        }
        counts.set(which, counts.get(which) + 1);
    }

    /** Counts a bonus token that is not in the draft's vocabulary. */
    void bonusOutside() {
        outside++;
    }

    void draftTime(long layer, long head) {
        draftLayer += layer;
        draftHead += head;
    }

    void verifyTime(long nanos) {
        verify += nanos;
    }

    void commitTime(long nanos) {
        commit += nanos;
    }

    SpeculationStatistics statistics() {
        return new SpeculationStatistics(
                rounds,
                guesses,
                acceptedLengths,
                treeSizes,
                outside,
                draftLayer / 1e9,
                draftHead / 1e9,
                verify / 1e9,
                commit / 1e9);
    }
}
