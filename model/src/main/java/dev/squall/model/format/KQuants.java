package dev.squall.model.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;

/**
 * The K-quants of ggml: super-blocks of 256 numbers in parts with a scale each. Decoded here, and repacked to Q8_0.
 *
 * <p>Source: ggml's block layouts ({@code block_q4_K}, {@code block_q5_K}, {@code block_q6_K}).
 */
final class KQuants {
    private static final int SUPER_BLOCK = 256;
    private static final int Q8_BLOCK = 32;
    private static final int Q8_BYTES = 34;

    private KQuants() {}

    /** Repacks numbers of a K-quant type to Q8_0: each block of 32 with the scale max|x| / 127. */
    static ByteArray repack(TensorType type, MemorySegment data, long elements) {
        ByteArray out = new ByteArray((int) (elements / Q8_BLOCK * Q8_BYTES));
        MemorySegment target = out.getSegment();
        float[] block = new float[SUPER_BLOCK];
        for (long s = 0; s < elements / SUPER_BLOCK; s++) {
            decode(type, data, s * type.blockBytes(), block);
            for (int b = 0; b < SUPER_BLOCK / Q8_BLOCK; b++) {
                pack(block, b * Q8_BLOCK, target, (s * (SUPER_BLOCK / Q8_BLOCK) + b) * Q8_BYTES);
            }
        }
        return out;
    }

    private static void pack(float[] x, int from, MemorySegment out, long at) {
        float greatest = 0;
        for (int i = 0; i < Q8_BLOCK; i++) {
            greatest = Math.max(greatest, Math.abs(x[from + i]));
        }
        short scaleBits = Float.floatToFloat16(greatest / 127f);
        float scale = Float.float16ToFloat(scaleBits);
        out.set(Cursor.SHORT, at, scaleBits);
        for (int i = 0; i < Q8_BLOCK; i++) {
            int q = scale == 0 ? 0 : Math.clamp(Math.round(x[from + i] / scale), -127, 127);
            out.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) q);
        }
    }

    /** Decodes the super-block at an offset into 256 numbers. */
    static void decode(TensorType type, MemorySegment data, long at, float[] out) {
        switch (type) {
            case Q4_K -> decodeQ4(data, at, out);
            case Q5_K -> decodeQ5(data, at, out);
            case Q6_K -> decodeQ6(data, at, out);
            default -> throw new IllegalArgumentException("type: found " + type + ", expected Q4_K, Q5_K or Q6_K");
        }
    }

    /** f16 d, f16 dmin, 12 bytes of 6-bit scales and minima, 128 bytes of 4-bit numbers: x = d·scale·q − dmin·min. */
    private static void decodeQ4(MemorySegment data, long at, float[] out) {
        float d = half(data, at);
        float dMin = half(data, at + 2);
        for (int part = 0; part < 8; part++) {
            float scale = d * scale(data, at + 4, part);
            float min = dMin * minimum(data, at + 4, part);
            long quants = at + 16 + part / 2 * 32;
            int shift = part % 2 * 4;
            for (int i = 0; i < 32; i++) {
                out[part * 32 + i] = scale * (octet(data, quants + i) >> shift & 15) - min;
            }
        }
    }

    /** As Q4_K, with a fifth bit of every number in 32 bytes before the others. */
    private static void decodeQ5(MemorySegment data, long at, float[] out) {
        float d = half(data, at);
        float dMin = half(data, at + 2);
        for (int part = 0; part < 8; part++) {
            float scale = d * scale(data, at + 4, part);
            float min = dMin * minimum(data, at + 4, part);
            long quants = at + 48 + part / 2 * 32;
            int shift = part % 2 * 4;
            for (int i = 0; i < 32; i++) {
                int high = octet(data, at + 16 + i) >> part & 1;
                out[part * 32 + i] = scale * ((octet(data, quants + i) >> shift & 15) + (high << 4)) - min;
            }
        }
    }

    /** 128 bytes of low 4 bits, 64 bytes of high 2 bits, 16 signed scales, f16 d: x = d·scale·(q − 32). */
    private static void decodeQ6(MemorySegment data, long at, float[] out) {
        float d = half(data, at + 208);
        for (int i = 0; i < SUPER_BLOCK; i++) {
            int halfBlock = i / 128;
            int quarter = i % 128 / 32;
            int lane = i % 32;
            int low = octet(data, at + halfBlock * 64 + quarter % 2 * 32 + lane) >> quarter / 2 * 4 & 15;
            int high = octet(data, at + 128 + halfBlock * 32 + lane) >> quarter * 2 & 3;
            byte scale = data.get(ValueLayout.JAVA_BYTE, at + 192 + i / 16);
            out[i] = d * scale * ((low | high << 4) - 32);
        }
    }

    /** The 6-bit scale of a part: the first four in bytes 0 to 3, the others split over bytes 8 to 11 and 0 to 3. */
    private static int scale(MemorySegment data, long scales, int part) {
        return part < 4
                ? octet(data, scales + part) & 63
                : octet(data, scales + part + 4) & 15 | octet(data, scales + part - 4) >> 6 << 4;
    }

    private static int minimum(MemorySegment data, long scales, int part) {
        return part < 4
                ? octet(data, scales + part + 4) & 63
                : octet(data, scales + part + 4) >> 4 | octet(data, scales + part) >> 6 << 4;
    }

    private static int octet(MemorySegment data, long at) {
        return data.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    private static float half(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(Cursor.SHORT, at));
    }
}
