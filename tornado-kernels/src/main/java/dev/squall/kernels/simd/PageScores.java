package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Vectors.EIGHT;

import dev.squall.kernels.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * The scores of a block's queries against one page of keys, in one of three ways.
 *
 * <p>One query at a time, vectors lie along headDim. With many queries the page is transposed once and vectors lie along
 * its slots, which needs no sums across a vector; or, where vectors are wide, tiles of queries by keys are as good for few
 * queries. Elsewhere, some queries, but of one row, are transposed, once for all pages, and vectors lie along them. All add in
 * the order of {@link Lanes}, so a score has the same bits whichever way is taken, that is however many rows are in the batch.
 */
final class PageScores {
    /** Queries of a row alone from which on they are transposed. */
    private static final int SOME_QUERIES = 4;
    /** Queries from which on a page is transposed, or scored by tiles as it is, where two pay for the four of a tile. */
    private static final int MANY_QUERIES = Memory.WHOLE ? 2 : 12;

    private final Visibility visibility;
    private final CachePage keys;
    private final long queries; // [rows, group, headDim]
    private final long scores; // [rows, group, stride]
    private final int group;
    private final int headDim;
    private final int pageSize;
    private final int stride; // of KeyTile
    private final float scale;
    private final boolean tiled; // slots and elements are whole vectors
    private final int[] sharing; // [rows * group], queries that see the same page
    private final KeyTile tile; // a page
    private final QueryTile queryTile; // a row; null where there are others, or few queries
    private final float[] lanes = new float[Lanes.COUNT];

    /** @param memory room of {@link #size} floats */
    PageScores(
            Visibility visibility,
            CachePage keys,
            long queries,
            long scores,
            int rows,
            int group,
            int headDim,
            int pageSize,
            float scale,
            long memory) {
        this.visibility = visibility;
        this.keys = keys;
        this.queries = queries;
        this.scores = scores;
        this.group = group;
        this.headDim = headDim;
        this.pageSize = pageSize;
        this.stride = KeyTile.stride(pageSize);
        this.scale = scale;
        this.sharing = new int[rows * group];
        this.tile = new KeyTile(pageSize, headDim, memory);
        this.tiled = pageSize % 16 == 0 && headDim % 16 == 0;
        this.queryTile = rows == 1 && group >= SOME_QUERIES && tiled && !Memory.WHOLE
                ? new QueryTile(group, pageSize, headDim, memory + 4 * KeyTile.size(pageSize, headDim))
                : null;
    }

    static long size(int group, int pageSize, int headDim) {
        return KeyTile.size(pageSize, headDim) + QueryTile.size(group, pageSize, headDim);
    }

    /** Begins with other queries. */
    void start() {
        if (queryTile != null) {
            queryTile.take(queries);
        }
    }

    /** Fills the scores of all queries that see the current page; −∞ where they see nothing. */
    void score() {
        if (queryTile != null) {
            queryTile.score(keys.of(0), pageSize, scores, stride, scale);
            for (int query = 0; query < group; query++) {
                hide(query, visibility.from(0), visibility.to(0));
            }
            return;
        }
        int count = 0;
        for (int i = 0; i < visibility.activeRows(); i++) {
            int row = visibility.activeRow(i);
            for (int g = 0; g < group && visibility.inPrefix(row); g++) {
                sharing[count++] = row * group + g;
            }
        }
        boolean together = tiled && count >= MANY_QUERIES;
        if (together) {
            scoreMany(count);
        }
        for (int i = 0; i < visibility.activeRows(); i++) {
            int row = visibility.activeRow(i);
            if (!together || !visibility.inPrefix(row)) {
                scoreRow(row);
            }
        }
    }

    private void scoreRow(int row) {
        if (!tiled || group < MANY_QUERIES) {
            scoreEach(row);
            return;
        }
        for (int g = 0; g < group; g++) {
            sharing[g] = row * group + g;
        }
        scoreMany(group);
    }

    // --- scores: vectors along headDim

    private void scoreEach(int row) {
        long page = keys.of(row);
        int from = visibility.from(row);
        int to = visibility.to(row);
        for (int query = row * group; query < (row + 1) * group; query++) {
            for (int t = from; t < to; t++) {
                float product = dot(queries + 4L * headDim * query, page + 4L * headDim * t);
                ALL.set(FLOAT, scores + 4L * (query * stride + t), product * scale);
            }
            hide(query, from, to);
        }
    }

    private float dot(long query, long key) {
        FloatVector low = FloatVector.zero(EIGHT);
        FloatVector high = FloatVector.zero(EIGHT);
        long step = Memory.sixteen;
        long whole = 4L * (headDim & -16);
        for (long i = 0; i < whole; i += step) {
            low = FloatVector.fromMemorySegment(EIGHT, ALL, query + i, ORDER)
                    .fma(FloatVector.fromMemorySegment(EIGHT, ALL, key + i, ORDER), low);
            high = FloatVector.fromMemorySegment(EIGHT, ALL, query + i + 32, ORDER)
                    .fma(FloatVector.fromMemorySegment(EIGHT, ALL, key + i + 32, ORDER), high);
        }
        if (headDim % 16 == 0) {
            return Vectors.sum(low, high);
        }
        low.intoArray(lanes, 0);
        high.intoArray(lanes, 8);
        for (int lane = 0; lane < headDim % 16; lane++) {
            long at = whole + 4 * lane;
            lanes[lane] = Math.fma(ALL.get(FLOAT, query + at), ALL.get(FLOAT, key + at), lanes[lane]);
        }
        return Lanes.sum(lanes, 0);
    }

    // --- scores: vectors along the slots of a transposed page

    private void scoreMany(int count) {
        long page = 0;
        for (int i = 0; i < count; i += group) {
            page = keys.of(sharing[i] / group);
        }
        tile.take(page, headDim);
        for (int i = 0; i < count; i += KeyTile.QUERIES) {
            int a = sharing[i];
            int b = sharing[Math.min(i + 1, count - 1)];
            int c = sharing[Math.min(i + 2, count - 1)];
            int d = sharing[Math.min(i + 3, count - 1)];
            tile.score(query(a), query(b), query(c), query(d), row(a), row(b), row(c), row(d), scale);
        }
        for (int i = 0; i < count; i++) {
            hide(sharing[i], visibility.from(sharing[i] / group), visibility.to(sharing[i] / group));
        }
    }

    private long query(int query) {
        return queries + 4L * headDim * query;
    }

    private long row(int query) {
        return scores + 4L * stride * query;
    }

    /** Scores of slots that a query does not see become −∞. */
    private void hide(int query, int from, int to) {
        for (int t = 0; t < from; t++) {
            ALL.set(FLOAT, row(query) + 4L * t, Float.NEGATIVE_INFINITY);
        }
        for (int t = to; t < stride; t++) {
            ALL.set(FLOAT, row(query) + 4L * t, Float.NEGATIVE_INFINITY);
        }
    }
}
