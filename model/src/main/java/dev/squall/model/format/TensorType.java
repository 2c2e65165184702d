package dev.squall.model.format;

import java.util.Optional;

/** How files store the numbers of a tensor: in blocks of so many numbers and bytes. */
public enum TensorType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q8_1(9, 32, 36),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q8_K(15, 256, 292),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    BF16(30, 1, 2);

    private final int ggufId;
    private final int blockSize;
    private final int blockBytes;

    TensorType(int ggufId, int blockSize, int blockBytes) {
        this.ggufId = ggufId;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** The type that a GGUF file has a number for. */
    static Optional<TensorType> ofGguf(int id) {
        for (TensorType type : values()) {
            if (type.ggufId == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** The number of this type in GGUF files. */
    public int ggufId() {
        return ggufId;
    }

    /** Numbers a block; the innermost dimension is a multiple of it. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Bytes of so many numbers, a multiple of the block size. */
    public long byteSize(long elements) {
        return Math.multiplyExact(elements / blockSize, (long) blockBytes);
    }
}
