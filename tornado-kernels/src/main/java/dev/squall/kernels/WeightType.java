package dev.squall.kernels;

/** How the numbers of a weight matrix are stored: blocks of elements of a fixed size, as in GGUF files. */
public enum WeightType {
    /** IEEE 754 single precision, in a {@code FloatArray}. */
    F32(1, 4),
    /** IEEE 754 half precision, in a {@code ShortArray}. */
    F16(1, 2),
    /** The upper half of a single-precision number, in a {@code ShortArray}. */
    BF16(1, 2),
    /** Blocks of 32: an F16 scale and 32 signed bytes, in a {@code ByteArray}. */
    Q8_0(32, 34),
    /**
     * Blocks of 32: an F16 scale and 16 bytes, in a {@code ByteArray}. Byte j holds element j in its low and element
     * j + 16 in its high four bits, both plus 8.
     */
    Q4_0(32, 18);

    private final int blockElements;
    private final int blockBytes;

    WeightType(int blockElements, int blockBytes) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** Elements in a block; the columns of a matrix are a multiple of it. */
    public int blockElements() {
        return blockElements;
    }

    public int blockBytes() {
        return blockBytes;
    }

    /**
     * The bytes that some elements occupy.
     *
     * @throws IllegalArgumentException if they are not whole blocks
     */
    public long byteSize(long elements) {
        if (elements % blockElements != 0) {
            throw new IllegalArgumentException(
                    this + " elements: found " + elements + ", expected a multiple of " + blockElements);
        }
        return elements / blockElements * blockBytes;
    }
}
