package dev.squall.decoding;

import dev.squall.Speculation;
import dev.squall.Speculation.Draft;
import dev.squall.decoding.Drafter.Wish;
import dev.squall.kernels.Devices;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.transformer.DraftModel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Has trees of guesses made for the requests that generate, each as its options ask. */
final class Speculator {
    /** What is guessed where nobody said how much. */
    private static final int LOOKUP_DEPTH = 7;

    private static final int MODEL_NODES = 16;
    private static final int MODEL_DEPTH = 4;
    private static final int MODEL_TOP_K = 8;

    private final Drafter drafter; // null where no draft model was loaded
    private final int deepest; // levels that every layer's window still shows whole

    Speculator(ModelSpec spec, Drafter drafter) {
        this.drafter = drafter;
        this.deepest = spec.layers().stream()
                .map(LayerSpec::attention)
                .mapToInt(layer -> layer.slidingWindow() > 0 ? layer.slidingWindow() - 1 : Integer.MAX_VALUE)
                .min()
                .orElseThrow();
    }

    /** @throws IllegalArgumentException if this process cannot do what the options ask */
    void check(Speculation speculation) {
        if (speculation.draft() == Draft.MODEL && drafter == null) {
            throw new IllegalArgumentException(
                    "speculation: found the draft model, but none was loaded beside the model; lookup needs none");
        }
        if (speculation.draft() == Draft.MODEL && speculation.topK() > DraftModel.MOST_TOP_K) {
            throw new IllegalArgumentException(
                    "topK: found " + speculation.topK() + ", expected at most " + DraftModel.MOST_TOP_K);
        }
        if (speculation.draft() != Draft.NONE && Devices.present()) {
            throw new IllegalArgumentException("speculation: found " + speculation.draft()
                    + ", expected NONE on a device, where keys and values of guesses cannot be moved yet");
        }
    }

    /** A tree for each request, in their order; its root alone where nothing is guessed. */
    List<DraftTree> trees(List<Request> requests) {
        List<Wish> wishes = new ArrayList<>();
        for (Request request : requests) {
            if (request.options().speculation().draft() == Draft.MODEL) {
                wishes.add(wish(request, MODEL_NODES, MODEL_DEPTH, MODEL_TOP_K));
            }
        }
        Iterator<DraftTree> modelled = wishes.isEmpty()
                ? List.<DraftTree>of().iterator()
                : drafter.guess(wishes).iterator();
        return requests.stream()
                .map(request -> switch (request.options().speculation().draft()) {
                    case NONE -> request.root();
                    case LOOKUP -> lookUp(wish(request, Speculation.MOST_NODES, LOOKUP_DEPTH, 1));
                    case MODEL -> modelled.next();
                })
                .toList();
    }

    private Wish wish(Request request, int nodes, int depth, int topK) {
        Speculation asked = request.options().speculation();
        int levels = asked.depth() > 0 ? asked.depth() : depth;
        int children =
                asked.topK() > 0 ? asked.topK() : Math.min(topK, Speculation.MOST_NODES / Math.max(1, levels - 1));
        return new Wish(
                request,
                Math.min(asked.treeSize() > 0 ? asked.treeSize() : nodes, request.usefulNodes()),
                Math.min(levels, Math.min(request.usefulDepth(), deepest)),
                children);
    }

    private static DraftTree lookUp(Wish wish) {
        Request request = wish.request();
        long start = System.nanoTime();
        int most = Math.max(0, Math.min(wish.depth(), wish.nodes() - 1));
        DraftTree tree = PromptLookup.guess(request.tokens(), request.length(), most);
        request.counts().draftTime(System.nanoTime() - start, 0);
        return tree;
    }

    /** Takes in what became of a pass. */
    void follow(List<Turn> turns) {
        if (drafter != null) {
            List<Turn> followed = turns.stream()
                    .filter(turn -> turn.request().options().speculation().draft() == Draft.MODEL)
                    .toList();
            drafter.follow(followed);
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
        return request.options().speculation().draft() != Draft.MODEL || drafter.canGuess(token);
    }

    void close() {
        if (drafter != null) {
            drafter.close();
        }
    }
}
