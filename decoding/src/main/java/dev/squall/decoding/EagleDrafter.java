package dev.squall.decoding;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.model.transformer.DraftModel;
import dev.squall.model.transformer.Transformer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Guesses with an EAGLE draft, as EAGLE-2 does (Li et al. 2024): after every pass of the model it catches up with the tokens
 * that are certain, then each round it continues its own guesses level by level.
 *
 * <p>Row j of the draft takes the model's hidden state of position j and the embedding of token j + 1, stands at position j
 * and in slot j of the draft's own cache. Because the token behind every computed position is known here, the draft follows
 * each chunk of a prompt at once.
 */
final class EagleDrafter implements Drafter {
    /** What the draft knows of a text: its rows are in the cache up to a length, and what comes out of the last one. */
    private static final class State {
        final KvCache.Sequence sequence;
        int length; // rows, one less than tokens of the text while it is generated
        float[] feature; // [dim], of the last row; null before the text's last token has been followed
        int[] ids; // [K], candidates behind the last row
        float[] logProbabilities; // [K]

        State(KvCache.Sequence sequence) {
            this.sequence = sequence;
        }
    }

    /** A search of one request. */
    private record Search(Wish wish, State state, GuessSearch search, int topK, float[][] features) {}

    private final Transformer transformer;
    private final DraftModel draft;
    private final Rows rows;
    private final BitSet guessable = new BitSet(); // tokens of the model
    private final Map<Request, State> states = new HashMap<>();

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
        if (turns.isEmpty()) {
            return;
        }
        long layer = draft.layerNanos();
        long head = draft.headNanos();
        FloatArray hidden = transformer.hidden();
        rows.clear();
        for (Turn turn : turns) {
            Request request = turn.request();
            State state = states.computeIfAbsent(
                    request, ignored -> new State(draft.cache().open()));
            state.sequence.ensure(turn.position(turn.committed()));
            for (int i = 0; i < turn.committed(); i++) {
                copy(hidden, turn.row(i), draft.hidden(), rows.size());
                int position = turn.position(i);
                boolean asks = turn.asks() && i == turn.committed() - 1;
                rows.addCausal(state.sequence, request.tokens()[position + 1], position, asks);
            }
            state.length = turn.position(turn.committed());
        }
        draft.forward(rows);
        int row = -1;
        int asked = 0;
        for (Turn turn : turns) {
            row += turn.committed();
            if (turn.asks()) {
                State state = states.get(turn.request());
                state.feature = feature(row);
                state.ids = new int[draft.topK()];
                state.logProbabilities = new float[draft.topK()];
                candidates(asked++, draft.topK(), state.ids, state.logProbabilities, 0);
            }
        }
        turns.stream().filter(Turn::isRound).forEach(turn -> count(turn.request(), layer, head));
    }

    // ---- guessing

    @Override
    public List<DraftTree> guess(List<Wish> wishes) {
        List<Search> searches = new ArrayList<>();
        long layer = draft.layerNanos();
        long head = draft.headNanos();
        for (Wish wish : wishes) {
            searches.add(begin(wish));
        }
        int deepest = wishes.stream().mapToInt(Wish::depth).max().orElse(0);
        for (int pass = 1; pass < deepest; pass++) {
            List<Search> batch = new ArrayList<>();
            int size = 0;
            for (Search search : searches) {
                if (search == null || search.wish.depth() <= pass) {
                    continue;
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
                copy(one.features[r], draft.hidden(), rows.size());
                rows.addTreeNode(
                        state.sequence, token, state.length + pass - 1, state.length, slot, one.search.mask(r), true);
            }
        }
        draft.forward(rows);
        int row = 0;
        for (Search one : searches) {
            int k = one.topK;
            int[] ids = new int[k * k];
            float[] logProbabilities = new float[k * k];
            float[][] features = new float[k][];
            for (int r = 0; r < k; r++) {
                candidates(row, k, ids, logProbabilities, r * k);
                features[r] = feature(row++);
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

    private float[] feature(int row) {
        float[] feature = new float[draft.dim()];
        MemorySegment.copy(draft.features().getSegment(), bytes(row), MemorySegment.ofArray(feature), 0, bytes(1));
        return feature;
    }

    private void copy(float[] from, FloatArray to, int row) {
        MemorySegment.copy(MemorySegment.ofArray(from), 0, to.getSegment(), bytes(row), bytes(1));
    }

    private void copy(FloatArray from, int fromRow, FloatArray to, int toRow) {
        MemorySegment.copy(from.getSegment(), bytes(fromRow), to.getSegment(), bytes(toRow), bytes(1));
    }

    private long bytes(int rows) {
        return (long) rows * draft.dim() * Float.BYTES;
    }

    private void count(Request request, long layerBefore, long headBefore) {
        request.counts().draftTime(draft.layerNanos() - layerBefore, draft.headNanos() - headBefore);
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
