package dev.squall.kernels;

/** How a cache stores its keys and values; kernels compute with numbers of 32 bits whatever the type. */
public enum KvType {
    /** IEEE 754 binary32: as they were computed. */
    F32(4),
    /** IEEE 754 binary16, rounded to the nearest, of two the even one: half the memory. */
    F16(2);

    private final int bytes;

    KvType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a number. */
    public int bytes() {
        return bytes;
    }
}
