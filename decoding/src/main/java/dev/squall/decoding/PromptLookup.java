package dev.squall.decoding;

/**
 * Guesses from the text itself: where its last tokens stood before, what followed there may follow again (Saxena 2023, prompt
 * lookup decoding). Texts that copy, such as summaries and edits of code, are guessed well by it, and it costs next to
 * nothing.
 */
final class PromptLookup {
    /** Tokens that must be the same before what followed them is a guess: one alone is too common. */
    private static final int SHORTEST = 2;

    /** Longer equal stretches say no more. */
    private static final int LONGEST = 64;

    private PromptLookup() {}

    /**
     * A chain of guesses: of the places where the longest stretch of the text's end stood before, the last one counts. A
     * stretch that runs into the end of the text goes on in a circle.
     *
     * @param tokens [length] and room
     * @param most most guesses
     */
    static DraftTree guess(int[] tokens, int length, int most) {
        DraftTree tree = DraftTree.root(tokens[length - 1]);
        int place = -1; // where the text goes on behind the best stretch
        int longest = SHORTEST - 1;
        for (int end = length - 1; end > longest && longest < LONGEST; end--) {
            int equal = 0;
            while (equal < LONGEST && equal < end && tokens[end - 1 - equal] == tokens[length - 1 - equal]) {
                equal++;
            }
            if (equal > longest) {
                longest = equal;
                place = end;
            }
        }
        for (int i = 0; place >= 0 && i < most; i++) {
            double claim = 1 - 1.0 / Math.min(longest + i, LONGEST); // the longer the stretch, the surer
            tree.add(i, tokens[place + i % (length - place)], (float) (tree.score(i) + Math.log(claim)));
        }
        return tree;
    }
}
