package dev.squall.decoding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Guesses at random, but knows how texts go on and lets the right token slip in often: so trees of every shape come up, with
 * right paths of every length among wrong ones.
 */
final class KnowingDrafter implements Drafter {
    private final List<int[]> texts; // whole ones, prompt and completion
    private final int vocabulary;
    private final Random random = new Random(31);

    KnowingDrafter(List<int[]> texts, int vocabulary) {
        this.texts = texts;
        this.vocabulary = vocabulary;
    }

    @Override
    public List<DraftTree> guess(List<Wish> wishes) {
        List<DraftTree> trees = new ArrayList<>();
        for (Wish wish : wishes) {
            trees.add(tree(wish));
        }
        return trees;
    }

    private DraftTree tree(Wish wish) {
        int[] tokens = Arrays.copyOf(wish.request().tokens(), wish.request().length());
        int[] text = texts.stream()
                .filter(whole -> whole.length >= tokens.length
                        && Arrays.equals(whole, 0, tokens.length, tokens, 0, tokens.length))
                .findFirst()
                .orElse(tokens);
        DraftTree tree = DraftTree.root(tokens[tokens.length - 1]);
        int right = 0; // the last node of the right path
        Set<Long> siblings = new HashSet<>();
        for (int attempt = 0; attempt < 10 * wish.nodes() && tree.size() < wish.nodes(); attempt++) {
            int next = tokens.length + tree.depth(right);
            if (random.nextInt(3) == 0 && next < text.length && tree.depth(right) < wish.depth()) {
                if (siblings.add((long) right << 32 | text[next])) {
                    right = tree.add(right, text[next], tree.score(right) - 0.5f);
                }
            } else {
                int under = random.nextInt(tree.size());
                int token = random.nextInt(vocabulary);
                boolean isRight = under == right && next < text.length && token == text[next];
                if (tree.depth(under) < wish.depth() && !isRight && siblings.add((long) under << 32 | token)) {
                    tree.add(under, token, tree.score(under) - 3);
                }
            }
        }
        return tree;
    }

    @Override
    public void follow(List<Turn> turns) {}

    @Override
    public void rest(List<Turn> turns) {}

    @Override
    public double levelSeconds(int rows) {
        return 0;
    }

    @Override
    public void forget(Request request) {}

    @Override
    public boolean canGuess(int token) {
        return true;
    }

    @Override
    public void close() {}
}
