package dev.squall.kernels.simd;

import dev.squall.kernels.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The scores of a block's queries against one page of keys, in one of two ways.
 *
 * <p>One query at a time, vectors lie along headDim. With many queries the page is transposed once and vectors lie along
 * its slots, which needs no sums across a vector. Both add in the order of {@link Lanes}, so a score has the same bits
 * whichever way is taken, that is however many rows are in the batch.
 */
final class PageScores {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Queries from which on a page is transposed. */
    private static final int MANY_QUERIES = 12;

    private final Visibility visibility;
    private final MemorySegment keys; // [pages, kvHeads, pageSize, headDim]
    private final float[] queries; // [rows, group, headDim]
    private final float[] scores; // [rows, group, stride]
    private final int group;
    private final int headDim;
    private final int pageSize;
    private final int stride; // pageSize, rounded up to the sixteen lanes
    private final float scale;
    private final int[] sharing; // [rows * group], the queries that see nothing but the page that they share
    private final KeyTile tile; // a page
    private final float[] lanes = new float[Lanes.COUNT];

    PageScores(
            Visibility visibility,
            MemorySegment keys,
            float[] queries,
            float[] scores,
            int group,
            int headDim,
            int pageSize,
            int stride,
            float scale) {
        this.visibility = visibility;
        this.keys = keys;
        this.queries = queries;
        this.scores = scores;
        this.group = group;
        this.headDim = headDim;
        this.pageSize = pageSize;
        this.stride = stride;
        this.scale = scale;
        this.sharing = new int[scores.length / stride];
        this.tile = new KeyTile(pageSize, headDim);
    }

    /** Fills the scores of all queries that see the current page; −∞ where they see nothing. */
    void score() {
        int count = 0;
        for (int i = 0; i < visibility.activeRows(); i++) {
            int row = visibility.activeRow(i);
            for (int g = 0; g < group && visibility.inPrefix(row); g++) {
                sharing[count++] = row * group + g;
            }
        }
        boolean transpose = count >= MANY_QUERIES && pageSize % 16 == 0 && headDim % 16 == 0;
        if (transpose) {
            scoreMany(count);
        }
        for (int i = 0; i < visibility.activeRows(); i++) {
            int row = visibility.activeRow(i);
            if (!transpose || !visibility.inPrefix(row)) {
                scoreEach(row);
            }
        }
    }

    // --- scores: vectors along headDim

    private void scoreEach(int row) {
        int[] keyAt = visibility.keyAt();
        Arrays.fill(scores, row * group * stride, (row + 1) * group * stride, Float.NEGATIVE_INFINITY);
        for (int query = row * group; query < (row + 1) * group; query++) {
            for (int t = visibility.from(row); t < visibility.to(row); t++) {
                scores[query * stride + t] = dot(query * headDim, keyAt[row * pageSize + t]) * scale;
            }
        }
    }

    private float dot(int queryAt, int keyAt) {
        FloatVector low = FloatVector.zero(Vectors.EIGHT);
        FloatVector high = low;
        int i = 0;
        for (; i + 16 <= headDim; i += 16) {
            low = FloatVector.fromArray(Vectors.EIGHT, queries, queryAt + i).fma(Vectors.load(keys, keyAt + i), low);
            high = FloatVector.fromArray(Vectors.EIGHT, queries, queryAt + i + 8)
                    .fma(Vectors.load(keys, keyAt + i + 8), high);
        }
        if (i == headDim) {
            return Vectors.sum(low, high);
        }
        low.intoArray(lanes, 0);
        high.intoArray(lanes, 8);
        for (int lane = 0; i < headDim; i++, lane++) {
            float key = keys.get(FLOAT, 4L * (keyAt + i));
            lanes[lane] = Math.fma(queries[queryAt + i], key, lanes[lane]);
        }
        return Lanes.sum(lanes, 0);
    }

    // --- scores: vectors along the slots of a transposed page

    private void scoreMany(int count) {
        int row = sharing[0] / group;
        int at = visibility.keyAt()[row * pageSize + visibility.from(row)] - visibility.from(row) * headDim;
        MemorySegment.copy(keys, FLOAT, 4L * at, tile.keys, 0, tile.keys.length);
        tile.transpose();
        for (int i = 0; i < count; i += 2) {
            int a = sharing[i];
            int b = sharing[Math.min(i + 1, count - 1)];
            tile.score(queries, a * headDim, b * headDim, scores, a * stride, b * stride, scale);
        }
        for (int i = 0; i < count; i++) {
            hide(sharing[i]);
        }
    }

    /** Scores of slots that a query does not see become −∞. */
    private void hide(int query) {
        int row = query / group;
        int at = query * stride;
        Arrays.fill(scores, at, at + visibility.from(row), Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, at + visibility.to(row), at + pageSize, Float.NEGATIVE_INFINITY);
    }
}
