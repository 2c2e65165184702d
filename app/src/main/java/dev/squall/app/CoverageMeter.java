package dev.squall.app;

import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Workers;
import dev.squall.kernels.reference.SparseAttention;
import java.util.Arrays;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task14;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * A choice of blocks that measures another one and then chooses all: the model computes as with dense attention, and the meter
 * learns how much of its attention the blocks would have held that sparse attention chooses.
 *
 * <p>It stands in a pass in place of {@link dev.squall.kernels.CacheKernels#selectBlocks()}, whose parameters {@link #apply} has, and is asked once a
 * layer, from the first to the last.
 */
final class CoverageMeter
        implements Task14<
                IntArray,
                IntArray,
                IntArray,
                IntArray,
                LongArray,
                IntArray,
                FloatArray,
                FloatArray,
                FloatArray,
                FloatArray,
                LongArray,
                FloatArray,
                IntArray,
                Float> {
    private static final long serialVersionUID = 1;

    private static final int CHOSEN = 0;
    private static final int FORCED = 1;
    private static final int BEST = 2;
    private static final int BLOCKS = 3;

    private final transient KernelSet kernels;
    private final transient SparseConfig config;
    private final double[][] sums; // [layers][4], over rows and query heads
    private final long[] counts; // [layers], of rows times query heads
    private int layer;
    private boolean on;

    CoverageMeter(KernelSet kernels, SparseConfig config, int layers) {
        this.kernels = kernels;
        this.config = config;
        sums = new double[layers][4];
        counts = new long[layers];
    }

    /** Begins anew. */
    void clear() {
        for (double[] sum : sums) {
            Arrays.fill(sum, 0);
        }
        Arrays.fill(counts, 0);
    }

    /** Says before a pass whether its rows count. */
    void measure(boolean rowsCount) {
        on = rowsCount;
        layer = 0;
    }

    /** Share of dense attention's probability that falls on the chosen blocks, mean of rows, heads and layers. */
    double mass() {
        return mean(CHOSEN);
    }

    /** The same of the first blocks and the window alone, which are chosen whatever they hold. */
    double forcedMass() {
        return mean(FORCED);
    }

    /** The same of the best blocks, as many as are chosen, for all heads of a group together: no choice can hold more. */
    double bestMass() {
        return mean(BEST);
    }

    /** Chosen blocks among those that a row sees. */
    double blocks() {
        return mean(BLOCKS);
    }

    /** {@link #mass()} of the layer where it is least. */
    double leastLayerMass() {
        return IntStream.range(0, sums.length)
                .mapToDouble(i -> sums[i][CHOSEN] / counts[i])
                .min()
                .orElseThrow();
    }

    private double mean(int what) {
        return IntStream.range(0, sums.length)
                .mapToDouble(i -> sums[i][what] / counts[i])
                .average()
                .orElseThrow();
    }

    @Override
    public void apply(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            FloatArray keys,
            FloatArray fine,
            FloatArray coarse,
            LongArray selection,
            FloatArray scores,
            IntArray shape,
            Float scale) {
        int kvHeads = shape.get(SparseAttention.KV_HEADS);
        int items = step.get(0) * kvHeads;
        int words = selection.getSize() / (windowStart.getSize() * kvHeads);
        if (on) {
            kernels.cacheF32()
                    .selectBlocks()
                    .apply(
                            step,
                            windowStart,
                            prefixEnd,
                            treeBase,
                            mask,
                            pageTable,
                            q,
                            keys,
                            fine,
                            coarse,
                            selection,
                            scores,
                            shape,
                            scale);
            int headDim = shape.get(SparseAttention.HEAD_DIM);
            int heads = shape.get(SparseAttention.HEADS);
            double[][] shares = new double[items][];
            Workers.shared().parallelFor(items, 1, (from, to) -> {
                for (int item = from; item < to; item++) {
                    int row = item / kvHeads;
                    int base = windowStart.get(row);
                    double[][] masses = new double[heads / kvHeads][]; // [group][blocks]
                    for (int head = 0; head < masses.length; head++) {
                        int kvHead = item % kvHeads;
                        int query = (row * heads + kvHead * masses.length + head) * headDim;
                        masses[head] = masses(
                                q, query, keys, pageTable, base, prefixEnd.get(row), kvHead, kvHeads, headDim, scale);
                    }
                    shares[item] = shares(masses, selection, item * words);
                }
            });
            for (double[] share : shares) {
                for (int what = 0; what < share.length; what++) {
                    sums[layer][what] += share[what];
                }
                counts[layer] += heads / kvHeads;
            }
            layer++;
        }
        for (int item = 0; item < items; item++) {
            int blocks =
                    Math.ceilDiv(prefixEnd.get(item / kvHeads) - windowStart.get(item / kvHeads), config.blockSize());
            for (int word = 0; word < words; word++) {
                int left = blocks - word * 64;
                selection.set(item * words + word, left >= 64 ? -1L : left <= 0 ? 0L : (1L << left) - 1L);
            }
        }
    }

    /** The probability of a row and head that falls on each block. */
    private double[] masses(
            FloatArray q,
            int query,
            FloatArray keys,
            IntArray pageTable,
            int base,
            int end,
            int kvHead,
            int kvHeads,
            int headDim,
            float scale) {
        int block = config.blockSize();
        double[] products = new double[end - base];
        double largest = Double.NEGATIVE_INFINITY;
        for (int place = 0; place < products.length; place++) {
            int slot = base + place;
            int at = ((pageTable.get(slot / block) * kvHeads + kvHead) * block + slot % block) * headDim;
            float sum = 0;
            for (int i = 0; i < headDim; i++) {
                sum += q.get(query + i) * keys.get(at + i);
            }
            products[place] = (double) sum * scale;
            largest = Math.max(largest, products[place]);
        }
        double[] masses = new double[Math.ceilDiv(products.length, block)];
        double all = 0;
        for (int place = 0; place < products.length; place++) {
            double weight = Math.exp(products[place] - largest);
            masses[place / block] += weight;
            all += weight;
        }
        for (int b = 0; b < masses.length; b++) {
            masses[b] /= all;
        }
        return masses;
    }

    /** Sums over the heads of a group. */
    private double[] shares(double[][] masses, LongArray selection, int at) {
        int blocks = masses[0].length;
        double[] together = new double[blocks];
        for (double[] head : masses) {
            for (int b = 0; b < blocks; b++) {
                together[b] += head[b];
            }
        }
        double[] shares = new double[4];
        int chosen = 0;
        for (int b = 0; b < blocks; b++) {
            if ((selection.get(at + b / 64) >>> b % 64 & 1) != 0) {
                shares[CHOSEN] += together[b];
                chosen++;
            }
            if (b < config.initBlocks() || b >= blocks - 1 - config.windowBlocks()) {
                shares[FORCED] += together[b];
            }
        }
        double[] sorted = together.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < chosen; i++) {
            shares[BEST] += sorted[blocks - 1 - i];
        }
        shares[BLOCKS] = (double) chosen / blocks * masses.length;
        return shares;
    }
}
