package dev.squall.decoding;

import dev.squall.Speculation;
import dev.squall.Speculation.Draft;
import dev.squall.decoding.Drafter.Wish;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.transformer.DraftModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Has trees of guesses made for the requests that generate, each as its options ask.
 *
 * <p>Where they leave the size open it is chosen each round, to get the most tokens a second: a node is worth the probability
 * that it is right ({@link Calibration}), and costs what the pass grows by ({@link PassCosts}); how broadly a draft model
 * searches, and whether at all, {@link Pace} finds out; while it does not, the text itself is asked, which costs next to
 * nothing. Nothing of that can change a text.
 */
final class Speculator {
    /** What is guessed at most where nobody said how much. */
    private static final int LOOKUP_DEPTH = 31;

    private static final int MODEL_DEPTH = 8;
    private static final int USUAL_TOP_K = 8; // where other sizes are fixed
    private static final int USUAL_NODES = 24;
    private static final int USUAL_DEPTH = 4;

    /** Of the nodes of a level that can be right, the share behind which the right token is found, roughly. */
    private static final double FOUND = 0.7;

    private final Drafter drafter; // null where no draft model was loaded
    private final int deepest; // levels that every layer's window still shows whole
    private final PassCosts costs = new PassCosts();
    private final Pace pace = new Pace();
    private final Calibration lookupOdds = new Calibration();
    private final Calibration modelOdds = new Calibration();
    private final Set<DraftTree> copied =
            Collections.newSetFromMap(new IdentityHashMap<>()); // trees of the text itself

    Speculator(ModelSpec spec, Drafter drafter) {
        this.drafter = drafter;
        this.deepest = spec.layers().stream()
                .map(LayerSpec::attention)
                .mapToInt(layer -> layer.slidingWindow() > 0 ? layer.slidingWindow() - 1 : Integer.MAX_VALUE)
                .min()
                .orElseThrow();
    }

    /**
     * Who guesses, never AUTO.
     *
     * @throws IllegalArgumentException if this process cannot do what the options ask
     */
    Speculation resolve(Speculation speculation) {
        if (speculation.draft() == Draft.AUTO) {
            return drafter == null
                    ? Speculation.none()
                    : new Speculation(Draft.MODEL, speculation.treeSize(), speculation.depth(), speculation.topK());
        }
        if (speculation.draft() == Draft.MODEL && drafter == null) {
            throw new IllegalArgumentException(
                    "speculation: found the draft model, but none was loaded beside the model; lookup needs none");
        }
        if (speculation.draft() == Draft.MODEL && speculation.topK() > DraftModel.MOST_TOP_K) {
            throw new IllegalArgumentException(
                    "topK: found " + speculation.topK() + ", expected at most " + DraftModel.MOST_TOP_K);
        }
        return speculation;
    }

    /** A tree for each request, in their order; its root alone where nothing is guessed. */
    List<DraftTree> trees(List<Request> requests) {
        boolean plain = costs.wantsPlainPass(requests.size());
        List<Wish> wishes = new ArrayList<>();
        for (Request request : requests) {
            Speculation asked = request.speculation();
            boolean rests = isAdaptive(asked) && (plain || pace.width() == 0);
            if (asked.draft() == Draft.MODEL && !rests) {
                wishes.add(modelWish(request));
            }
        }
        long start = System.nanoTime();
        Iterator<DraftTree> modelled = wishes.isEmpty()
                ? List.<DraftTree>of().iterator()
                : drafter.guess(wishes).iterator();
        double drafting = (System.nanoTime() - start) / 1e9;
        copied.clear();
        List<DraftTree> trees = new ArrayList<>();
        for (Request request : requests) {
            Speculation asked = request.speculation();
            boolean open = isAdaptive(asked);
            boolean copies = asked.draft() == Draft.LOOKUP || asked.draft() == Draft.MODEL && open && pace.width() == 0;
            DraftTree tree = request.root();
            if (copies && !(open && plain)) {
                tree = pruned(lookUp(request), open, lookupOdds, requests.size(), 0);
                copied.add(tree);
            } else if (asked.draft() == Draft.MODEL && !(open && plain)) {
                tree = pruned(modelled.next(), open, modelOdds, requests.size(), drafting);
            }
            trees.add(tree);
        }
        return trees;
    }

    private static boolean isAdaptive(Speculation asked) {
        return asked.treeSize() == 0 && asked.depth() == 0 && asked.topK() == 0;
    }

    private Wish modelWish(Request request) {
        Speculation asked = request.speculation();
        if (isAdaptive(asked)) {
            int width = pace.width();
            double plain = costs.seconds(1);
            double least = plain == 0 ? 0 : drafter.levelSeconds(width) / plain / FOUND;
            return wish(request, Speculation.MOST_NODES, MODEL_DEPTH, width, least);
        }
        int depth = asked.depth() > 0 ? asked.depth() : USUAL_DEPTH;
        int topK = Math.min(USUAL_TOP_K, Speculation.MOST_NODES / Math.max(1, depth - 1));
        return wish(
                request,
                asked.treeSize() > 0 ? asked.treeSize() : USUAL_NODES,
                depth,
                asked.topK() > 0 ? asked.topK() : topK,
                0);
    }

    private DraftTree lookUp(Request request) {
        Speculation asked = request.speculation();
        int depth = asked.depth() > 0 ? asked.depth() : asked.treeSize() > 0 ? asked.treeSize() - 1 : LOOKUP_DEPTH;
        Wish wish = wish(request, asked.treeSize() > 0 ? asked.treeSize() : Speculation.MOST_NODES, depth, 1, 0);
        long start = System.nanoTime();
        int most = Math.max(0, Math.min(wish.depth(), wish.nodes() - 1));
        DraftTree tree = PromptLookup.guess(request.tokens(), request.length(), most);
        request.counts().draftTime(System.nanoTime() - start, 0);
        return tree;
    }

    private Wish wish(Request request, int nodes, int depth, int topK, double leastMass) {
        return new Wish(
                request,
                Math.min(nodes, request.usefulNodes()),
                Math.min(depth, Math.min(request.usefulDepth(), deepest)),
                topK,
                leastMass);
    }

    /**
     * The part of a tree that promises the most tokens a second, if its size is open.
     *
     * @param requests trees of about this size that share the pass
     * @param drafting seconds that the guesses took
     */
    private DraftTree pruned(DraftTree tree, boolean open, Calibration odds, int requests, double drafting) {
        if (!open) {
            return tree;
        }
        double[] probability = odds.probabilities(tree);
        double tokens = 0;
        double bestRate = 0;
        int best = 1;
        for (int nodes = 1; nodes <= tree.size(); nodes++) {
            tokens += probability[nodes - 1];
            double rate = tokens / (costs.seconds(requests * nodes) + drafting);
            if (rate > bestRate) {
                bestRate = rate;
                best = nodes;
            }
        }
        return tree.first(best);
    }

    /** Takes in what became of a pass, and its hidden states. */
    void follow(List<Turn> turns) {
        for (Turn turn : turns) {
            if (turn.isRound() && turn.tree().size() > 1) {
                (copied.contains(turn.tree()) ? lookupOdds : modelOdds).learn(turn.tree(), turn.path());
            }
        }
        if (drafter != null) {
            drafter.follow(turns.stream()
                    .filter(turn -> turn.request().speculation().draft() == Draft.MODEL)
                    .toList());
        }
    }

    /**
     * Takes the times of a step in which every request got its round.
     *
     * @param rows of the pass
     * @param pass seconds of the pass
     * @param step seconds with guessing before and verification after it
     */
    void observe(List<Turn> turns, int rows, double pass, double step) {
        costs.observe(rows, pass);
        boolean paced = turns.stream()
                .map(turn -> turn.request().speculation())
                .anyMatch(asked -> asked.draft() == Draft.MODEL && isAdaptive(asked));
        if (paced) {
            pace.observe(turns.stream().mapToInt(Turn::committed).average().orElseThrow(), step);
        }
    }

    /** Lets go of what is kept for a request that has ended. */
    void forget(Request request) {
        if (drafter != null) {
            drafter.forget(request);
        }
    }

    /** Whether the draft of a request could have guessed a token. */
    boolean canGuess(Request request, int token) {
        return request.speculation().draft() != Draft.MODEL || drafter.canGuess(token);
    }

    void close() {
        if (drafter != null) {
            drafter.close();
        }
    }
}
