package dev.squall.kernels;

import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * How the numbers of a weight matrix are stored, as the model files have them.
 *
 * <p>The quantised types store a row in blocks of 32 numbers: a 16-bit float scale d, then the integers q; a number is
 * d · q, rounded to 32 bits.
 */
public enum WeightType {
    /** IEEE 754 binary32. */
    F32(1, 4, FloatArray.class),
    /** IEEE 754 binary16. */
    F16(1, 2, ShortArray.class),
    /** The upper half of a binary32. */
    BF16(1, 2, ShortArray.class),
    /** 34 bytes a block: d, then 32 signed bytes. */
    Q8_0(32, 34, ByteArray.class),
    /** 18 bytes a block: d, then 16 bytes; byte j holds numbers j (low half) and j + 16 (high half), each plus 8. */
    Q4_0(32, 18, ByteArray.class);

    private final int blockSize;
    private final int blockBytes;
    private final Class<? extends TornadoNativeArray> arrayType;

    WeightType(int blockSize, int blockBytes, Class<? extends TornadoNativeArray> arrayType) {
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.arrayType = arrayType;
    }

    /** Numbers a block; the columns of a matrix are a multiple of it. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** The array that holds such numbers. */
    public Class<? extends TornadoNativeArray> arrayType() {
        return arrayType;
    }

    /** The bytes of so many numbers, which are a multiple of the block size. */
    public long byteSize(long elements) {
        return Math.multiplyExact(elements / blockSize, (long) blockBytes);
    }
}
