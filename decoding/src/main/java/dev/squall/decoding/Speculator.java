package dev.squall.decoding;

import dev.squall.Speculation;
import dev.squall.Speculation.Draft;
import dev.squall.decoding.Drafter.Wish;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.transformer.DraftModel;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Has trees of guesses made for the requests that generate, each as its options ask.
 *
 * <p>Where they leave the size open it is chosen each round, to get the most tokens a second: {@link TreeSize} from how
 * often guesses were right ({@link Calibration}) and what passes cost ({@link PassCosts}). Whether a draft model guesses,
 * and how broadly it searches, {@link Pace} finds out; while it does not, the text itself is asked, which costs next to
 * nothing. What was guessed is held against the text even where it was not checked. Nothing of that can change a text.
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

    /** A tree before it was cut, and who knows how often such guesses are right. */
    private record Guess(DraftTree whole, Calibration odds) {}

    private final LateDrafter late; // null where there is no draft model
    private Drafter drafter; // null before it is loaded
    private final int deepest; // levels that every layer's window still shows whole
    private final TreeSize sizes = new TreeSize();
    private final Pace pace = new Pace(sizes::extra);
    private final Calibration lookupOdds = new Calibration();
    private final Calibration modelOdds = new Calibration();
    private final Map<Request, Guess> guesses = new IdentityHashMap<>(); // of the pass that is being prepared

    Speculator(ModelSpec spec, LateDrafter late) {
        this.late = late;
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
        boolean drafts = late != null && !late.failed();
        if (speculation.draft() == Draft.AUTO) {
            Draft who = drafts ? Draft.MODEL : Draft.LOOKUP;
            return resolve(new Speculation(who, speculation.treeSize(), speculation.depth(), speculation.topK()));
        }
        if (speculation.draft() == Draft.MODEL && !drafts) {
            throw new IllegalArgumentException(
                    "speculation: found the draft model, but none was loaded beside the model; lookup needs none");
        }
        if (speculation.draft() == Draft.MODEL && speculation.topK() > DraftModel.MOST_TOP_K) {
            throw new IllegalArgumentException(
                    "topK: found " + speculation.topK() + ", expected at most " + DraftModel.MOST_TOP_K);
        }
        if (speculation.draft() == Draft.MODEL && !isAdaptive(speculation)) {
            late.await();
        }
        return speculation;
    }

    /** Takes a request that its options have named a guesser for: it need not wait until trying has been saved for. */
    void advance(Speculation asked) {
        if (asked.draft() == Draft.MODEL && isAdaptive(asked)) {
            pace.advance();
        }
        if (asked.draft() == Draft.LOOKUP && isAdaptive(asked)) {
            sizes.advance();
        }
    }

    /** The draft model's, null as long as it has not been loaded. */
    private Drafter drafter() {
        if (drafter == null && late != null) {
            drafter = late.orNull();
        }
        return drafter;
    }

    /** A tree for each request, in their order; its root alone where nothing is guessed. */
    List<DraftTree> trees(List<Request> requests) {
        if (pace.width() > 0 && drafter() == null) {
            late.begin();
            pace.postpone();
        }
        boolean plain = !pace.isTrying() && sizes.wantsPlainPass(requests.size());
        Predicate<Speculation> models =
                asked -> asked.draft() == Draft.MODEL && !(isAdaptive(asked) && (plain || pace.width() == 0));
        List<Wish> wishes = requests.stream()
                .filter(request -> models.test(request.speculation()))
                .map(this::modelWish)
                .toList();
        long start = System.nanoTime();
        Iterator<DraftTree> modelled = wishes.isEmpty()
                ? List.<DraftTree>of().iterator()
                : drafter().guess(wishes).iterator();
        double drafting = (System.nanoTime() - start) / 1e9;
        guesses.clear();
        List<DraftTree> trees = new ArrayList<>();
        for (Request request : requests) {
            Speculation asked = request.speculation();
            DraftTree whole = request.root();
            if (models.test(asked)) {
                whole = modelled.next();
                guesses.put(request, new Guess(whole, modelOdds));
            } else if (asked.draft() != Draft.NONE) {
                whole = lookUp(request);
                guesses.put(request, new Guess(whole, lookupOdds));
            }
            trees.add(isAdaptive(asked) ? whole.first(size(request, requests.size(), plain, drafting)) : whole);
        }
        return trees;
    }

    /** How many nodes of a tree are checked where its size is open. */
    private int size(Request request, int requests, boolean plain, double drafting) {
        Guess guess = guesses.get(request);
        if (guess == null || plain) {
            return 1;
        }
        double[] probability = guess.odds.probabilities(guess.whole);
        return guess.odds == modelOdds
                ? sizes.best(probability, requests, drafting)
                : sizes.bestCopy(probability, requests);
    }

    private static boolean isAdaptive(Speculation asked) {
        return asked.treeSize() == 0 && asked.depth() == 0 && asked.topK() == 0;
    }

    private Wish modelWish(Request request) {
        Speculation asked = request.speculation();
        if (isAdaptive(asked)) {
            int width = pace.width();
            double plain = sizes.seconds(1);
            double least = plain == 0 ? 0 : drafter().levelSeconds(width) / plain / FOUND;
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

    /** Takes in what became of a pass, and its hidden states. */
    void follow(List<Turn> turns) {
        for (Turn turn : turns) {
            Guess guess = guesses.get(turn.request());
            if (guess != null && turn.isRound()) {
                int length = turn.request().length();
                guess.odds.learn(guess.whole, turn.request().tokens(), length - turn.committed(), length);
            }
        }
        if (drafter() != null) {
            List<Turn> modelled = turns.stream()
                    .filter(turn -> turn.request().speculation().draft() == Draft.MODEL)
                    .toList();
            Predicate<Turn> rests = turn -> isAdaptive(turn.request().speculation()) && pace.width() == 0;
            drafter.rest(modelled.stream().filter(rests).toList());
            drafter.follow(modelled.stream().filter(rests.negate()).toList());
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
        double accepted = turns.stream().mapToInt(Turn::committed).average().orElseThrow();
        sizes.observe(rows, turns.size(), pass, accepted);
        List<Speculation> open = turns.stream()
                .map(turn -> turn.request().speculation())
                .filter(asked -> asked.draft() != Draft.NONE && isAdaptive(asked))
                .toList();
        if (!open.isEmpty()) {
            sizes.spent(step);
        }
        if (open.stream().anyMatch(asked -> asked.draft() == Draft.MODEL)) {
            pace.observe(accepted, step);
        }
    }

    /** Takes the seconds of any other step, a prompt's mostly, which has code for several rows compiled as well. */
    void spent(double step) {
        sizes.spent(step);
    }

    /** Lets go of what is kept for a request that has ended. */
    void forget(Request request) {
        if (drafter != null) {
            drafter.forget(request);
        }
    }

    /** Whether the draft of a request could have guessed a token. */
    boolean canGuess(Request request, int token) {
        return request.speculation().draft() != Draft.MODEL || drafter == null || drafter.canGuess(token);
    }

    void close() {
        if (late != null) {
            late.close();
        }
    }
}
