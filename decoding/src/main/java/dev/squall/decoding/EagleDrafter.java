package dev.squall.decoding;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.model.transformer.DraftModel;
import dev.squall.model.transformer.Transformer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Guesses with an EAGLE draft, as EAGLE-2 does (Li et al. 2024): each round it first catches up with the tokens that have
 * become certain, then continues its own guesses level by level.
 *
 * <p>Row j of the draft takes the model's hidden state of position j and the embedding of token j + 1, stands at position j
 * and in slot j of the draft's own cache. So the hidden states of a pass are kept until the draft has caught up with them:
 * with a chunk of a prompt at once, with the rest when it is asked for guesses.
 */
final class EagleDrafter implements Drafter {
    /** Rows that may wait while nobody asks for guesses; a hidden state is wide. */
    private static final int MOST_PENDING = 512;

    /** Rows that are kept of a text whose draft rests: to the draft it begins there, which changes guesses a little. */
    private static final int RECENT = 128;

    /** What the draft knows of a text. */
    private static final class State {
        final KvCache.Sequence sequence;
        int origin; // position of the text at which it begins to the draft
        int length; // rows in the cache
        final Deque<float[]> pending = new ArrayDeque<>(); // of [inputDim], what the model has for the rows to come
        float[] feature; // [dim], what comes out of the last row, once there is the one of the text's end
        final int[] ids; // [K], candidates behind the last row
        final float[] logProbabilities; // [K]

        State(KvCache.Sequence sequence, int topK, int origin) {
            this.sequence = sequence;
            this.origin = origin;
            this.ids = new int[topK];
            this.logProbabilities = new float[topK];
        }
    }

    /** A search of one request. */
    private record Search(Wish wish, State state, GuessSearch search, int topK, float[][] features) {}

    private final Transformer transformer;
    private final DraftModel draft;
    private final Rows rows;
    private final BitSet guessable = new BitSet(); // tokens of the model
    private final Map<Request, State> states = new HashMap<>();
    private final PassCosts levels = new PassCosts();

    EagleDrafter(Transformer transformer, DraftModel draft) {
        this.transformer = transformer;
        this.draft = draft;
        this.rows = draft.newRows();
        for (int id = 0; id < draft.vocabulary(); id++) {
            guessable.set(draft.token(id));
        }
    }

    // ---- catching up

    @Override
    public void follow(List<Turn> turns) {
        for (Turn turn : turns) {
            State state = take(turn, turn.committed());
            if (!turn.asks() || state.pending.size() > MOST_PENDING) {
                catchUp(List.of(turn.request()));
            }
        }
    }

    @Override
    public void rest(List<Turn> turns) {
        for (Turn turn : turns) {
            State state = take(turn, RECENT);
            while (state.pending.size() > RECENT) {
                state.pending.remove();
                state.origin += state.length + 1;
                state.length = 0;
            }
        }
    }

    /** Keeps the last hidden states of a turn, at most so many. */
    private State take(Turn turn, int most) {
        FloatArray inputs = draft.inputs(transformer);
        int first = Math.max(0, turn.committed() - most);
        State state = states.computeIfAbsent(
                turn.request(), ignored -> new State(draft.cache().open(), draft.topK(), turn.position(0)));
        if (first > 0) { // a gap: the text begins anew
            state.pending.clear();
            state.length = 0;
            state.origin = turn.position(first);
        }
        for (int i = first; i < turn.committed(); i++) {
            state.pending.add(row(inputs, turn.row(i), draft.inputDim()));
        }
        return state;
    }

    /** Computes all rows that wait; those at the ends of texts say what may come next. */
    private void catchUp(List<Request> requests) {
        List<State> ends = new ArrayList<>();
        List<Integer> endRows = new ArrayList<>();
        rows.clear();
        for (Request request : requests) {
            State state = states.get(request);
            if (state == null) {
                continue;
            }
            state.sequence.ensure(state.length + state.pending.size());
            for (float[] hidden : state.pending) {
                if (rows.size() == rows.capacity() || rows.logitRows() == rows.logitCapacity()) {
                    compute(ends, endRows);
                }
                int position = state.length++;
                int next = state.origin + position + 1;
                boolean end = next + 1 == request.length();
                if (end) {
                    ends.add(state);
                    endRows.add(rows.size());
                }
                copy(hidden, draft.hidden(), rows.size());
                rows.addCausal(state.sequence, request.tokens()[next], position, end);
            }
            state.pending.clear();
        }
        compute(ends, endRows);
    }

    private void compute(List<State> ends, List<Integer> endRows) {
        draft.forward(rows);
        for (int k = 0; k < ends.size(); k++) {
            State state = ends.get(k);
            state.feature = row(draft.features(), endRows.get(k), draft.dim());
            candidates(k, draft.topK(), state.ids, state.logProbabilities, 0);
        }
        ends.clear();
        endRows.clear();
        rows.clear();
    }

    // ---- guessing

    @Override
    public List<DraftTree> guess(List<Wish> wishes) {
        List<Search> searches = new ArrayList<>();
        long layer = draft.layerNanos();
        long head = draft.headNanos();
        catchUp(wishes.stream().map(Wish::request).toList());
        for (Wish wish : wishes) {
            searches.add(begin(wish));
        }
        int deepest = wishes.stream().mapToInt(Wish::depth).max().orElse(0);
        for (int pass = 1; pass < deepest; pass++) {
            List<Search> batch = new ArrayList<>();
            int size = 0;
            for (Search search : searches) {
                if (search == null || search.wish.depth() <= pass || search.search.mass() < search.wish.leastMass()) {
                    continue; // and its rows stay as they are, so that it does not go on later
                }
                if (size + search.topK > rows.logitCapacity()) {
                    expand(batch, pass);
                    batch.clear();
                    size = 0;
                }
                batch.add(search);
                size += search.topK;
            }
            expand(batch, pass);
        }
        List<DraftTree> trees = new ArrayList<>();
        for (int i = 0; i < wishes.size(); i++) {
            Request request = wishes.get(i).request();
            Search search = searches.get(i);
            int root = request.tokens()[request.length() - 1];
            trees.add(
                    search == null
                            ? DraftTree.root(root)
                            : search.search.tree(root, draft::token, search.wish.nodes()));
            count(request, layer, head);
        }
        return trees;
    }

    /** The first level, which the catching up has computed; null where there is nothing to guess. */
    private Search begin(Wish wish) {
        State state = states.get(wish.request());
        if (state == null || state.feature == null || wish.depth() < 1 || wish.nodes() < 2) {
            return null;
        }
        int topK = Math.min(wish.topK(), draft.topK());
        GuessSearch search = new GuessSearch(topK, wish.depth());
        search.first(state.ids, state.logProbabilities);
        float[][] features = new float[topK][];
        Arrays.fill(features, state.feature);
        return new Search(wish, state, search, topK, features);
    }

    /** One more level of some searches, in one pass of the draft. */
    private void expand(List<Search> searches, int pass) {
        if (searches.isEmpty()) {
            return;
        }
        rows.clear();
        for (Search one : searches) {
            State state = one.state;
            state.sequence.ensure(state.length + pass * one.topK);
            for (int r = 0; r < one.topK; r++) {
                int token = draft.token(Math.max(0, one.search.token(r)));
                int slot = (pass - 1) * one.topK + r;
                copy(one.features[r], draft.own(), rows.size());
                rows.addTreeNode(
                        state.sequence, token, state.length + pass - 1, state.length, slot, one.search.mask(r), true);
            }
        }
        long start = System.nanoTime();
        draft.proceed(rows);
        levels.observe(rows.size(), (System.nanoTime() - start) / 1e9);
        int row = 0;
        for (Search one : searches) {
            int k = one.topK;
            int[] ids = new int[k * k];
            float[] logProbabilities = new float[k * k];
            float[][] features = new float[k][];
            for (int r = 0; r < k; r++) {
                candidates(row, k, ids, logProbabilities, r * k);
                features[r] = row(draft.features(), row++, draft.dim());
            }
            one.search.next(pass, ids, logProbabilities);
            for (int r = 0; r < k; r++) {
                one.features[r] = features[one.search.parentRow(r)];
            }
        }
    }

    private void candidates(int asked, int topK, int[] ids, float[] logProbabilities, int at) {
        for (int rank = 0; rank < topK; rank++) {
            ids[at + rank] = draft.id(asked, rank);
            logProbabilities[at + rank] = draft.logProbability(asked, rank);
        }
    }

    private static float[] row(FloatArray all, int row, int width) {
        float[] one = new float[width];
        long bytes = (long) width * Float.BYTES;
        MemorySegment.copy(all.getSegment(), row * bytes, MemorySegment.ofArray(one), 0, bytes);
        return one;
    }

    private static void copy(float[] from, FloatArray to, int row) {
        long bytes = (long) from.length * Float.BYTES;
        MemorySegment.copy(MemorySegment.ofArray(from), 0, to.getSegment(), row * bytes, bytes);
    }

    private void count(Request request, long layerBefore, long headBefore) {
        request.counts().draftTime(draft.layerNanos() - layerBefore, draft.headNanos() - headBefore);
    }

    @Override
    public double levelSeconds(int rows) {
        return levels.seconds(rows);
    }

    @Override
    public void forget(Request request) {
        State state = states.remove(request);
        if (state != null) {
            state.sequence.close();
        }
    }

    @Override
    public boolean canGuess(int token) {
        return guessable.get(token);
    }

    @Override
    public void close() {
        states.values().forEach(state -> state.sequence.close());
        states.clear();
        draft.close();
    }
}
