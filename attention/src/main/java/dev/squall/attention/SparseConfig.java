package dev.squall.attention;

import dev.squall.kernels.reference.SparseAttention;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The hyper-parameters of InfLLM-V2 (Zhao et al. 2025, section 3): which blocks of keys a row attends to once there are more
 * than it may.
 *
 * @param kernelSize keys whose mean is a compressed key; the coarse ones, which only estimate the normaliser, are of four times
 *     as many
 * @param kernelStride keys from one compressed key to the next
 * @param initBlocks blocks at the beginning that every row attends to
 * @param blockSize keys of a block, and of a page of the cache: four strides, two kernels
 * @param windowSize keys behind a row that it always attends to, a multiple of the block
 * @param topk blocks besides the window
 * @param denseLength rows that see fewer keys attend to all; −1 for none
 * @param exact whether the normaliser comes from the compressed keys themselves, not from the coarse ones
 */
public record SparseConfig(
        int kernelSize,
        int kernelStride,
        int initBlocks,
        int blockSize,
        int windowSize,
        int topk,
        int denseLength,
        boolean exact) {
    /** What MiniCPM4 was trained with. */
    public static SparseConfig defaults() {
        return new SparseConfig(32, 16, 1, 64, 2048, 64, 8192, false);
    }

    /**
     * @throws IllegalArgumentException naming the parameter that is impossible
     */
    public SparseConfig {
        require(kernelStride >= 1, "kernel_stride", kernelStride, "at least 1");
        require(
                Integer.bitCount(blockSize) == 1 && blockSize == 4L * kernelStride,
                "block_size",
                blockSize,
                "a power of two that is four times kernel_stride, " + 4L * kernelStride);
        require(
                kernelSize == 2L * kernelStride,
                "kernel_size",
                kernelSize,
                "twice kernel_stride, " + 2L * kernelStride);
        require(initBlocks >= 0, "init_blocks", initBlocks, "at least 0");
        require(
                windowSize >= 0 && windowSize % blockSize == 0,
                "window_size",
                windowSize,
                "a multiple of block_size, " + blockSize);
        require(topk >= 1, "topk", topk, "at least 1");
        require(denseLength >= -1, "dense_len", denseLength, "at least 0, or -1 to be sparse from the first key on");
        require(
                initBlocks + 1L <= topk,
                "init_blocks",
                initBlocks,
                "fewer than topk, " + topk + ": beginning and window have to find room");
    }

    /** Blocks of the window, besides the one that a row lies in. */
    public int windowBlocks() {
        return windowSize / blockSize;
    }

    /** Blocks that a row attends to, the forced ones included. */
    public int slots() {
        return topk + windowBlocks();
    }

    /** What the kernels read, in the order of {@link SparseAttention}'s constants. */
    public IntArray shape(int heads, int kvHeads, int headDim) {
        return IntArray.fromElements(
                heads,
                kvHeads,
                headDim,
                blockSize,
                kernelSize,
                kernelStride,
                initBlocks,
                windowBlocks(),
                slots(),
                denseLength,
                exact ? 1 : 0);
    }

    private static void require(boolean fine, String name, int found, String expected) {
        if (!fine) {
            throw new IllegalArgumentException(name + ": found " + found + ", expected " + expected);
        }
    }
}
