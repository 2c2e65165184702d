package dev.squall.model.transformer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Rows of floats in the types of model files, with the values that remain: written from the formats' descriptions,
 * sharing nothing with the engine.
 *
 * @param bytes as in a file
 * @param values what they stand for, row-major
 */
record TinyWeights(byte[] bytes, float[] values) {

    static TinyWeights encode(String type, float[] data) {
        return switch (type) {
            case "F32" -> f32(data);
            case "F16" -> f16(data);
            case "BF16" -> bf16(data);
            case "Q8_0" -> q8(data);
            case "Q4_0" -> q4(data);
            default -> throw new IllegalArgumentException(type);
        };
    }

    private static TinyWeights f32(float[] data) {
        ByteBuffer out = buffer(data.length * 4);
        for (float value : data) {
            out.putFloat(value);
        }
        return new TinyWeights(out.array(), data.clone());
    }

    private static TinyWeights f16(float[] data) {
        ByteBuffer out = buffer(data.length * 2);
        float[] values = new float[data.length];
        for (int i = 0; i < data.length; i++) {
            short half = Float.floatToFloat16(data[i]);
            out.putShort(half);
            values[i] = Float.float16ToFloat(half);
        }
        return new TinyWeights(out.array(), values);
    }

    private static TinyWeights bf16(float[] data) {
        ByteBuffer out = buffer(data.length * 2);
        float[] values = new float[data.length];
        for (int i = 0; i < data.length; i++) {
            int high = Float.floatToRawIntBits(data[i]) >>> 16; // cut off: any rounding is as good here
            out.putShort((short) high);
            values[i] = Float.intBitsToFloat(high << 16);
        }
        return new TinyWeights(out.array(), values);
    }

    /** Blocks of 32: a float16 scale, then 32 signed bytes. */
    private static TinyWeights q8(float[] data) {
        ByteBuffer out = buffer(data.length / 32 * 34);
        float[] values = new float[data.length];
        for (int block = 0; block < data.length; block += 32) {
            float largest = 0;
            for (int i = 0; i < 32; i++) {
                largest = Math.max(largest, Math.abs(data[block + i]));
            }
            short half = Float.floatToFloat16(largest / 127);
            float scale = Float.float16ToFloat(half);
            out.putShort(half);
            for (int i = 0; i < 32; i++) {
                int q = scale == 0 ? 0 : Math.clamp(Math.round(data[block + i] / scale), -127, 127);
                out.put((byte) q);
                values[block + i] = scale * q;
            }
        }
        return new TinyWeights(out.array(), values);
    }

    /** Blocks of 32: a float16 scale, then 16 bytes with element j in the low and j + 16 in the high half, plus 8. */
    private static TinyWeights q4(float[] data) {
        ByteBuffer out = buffer(data.length / 32 * 18);
        float[] values = new float[data.length];
        for (int block = 0; block < data.length; block += 32) {
            float extreme = 0;
            for (int i = 0; i < 32; i++) {
                extreme = Math.abs(data[block + i]) > Math.abs(extreme) ? data[block + i] : extreme;
            }
            short half = Float.floatToFloat16(extreme / -8);
            float scale = Float.float16ToFloat(half);
            out.putShort(half);
            int[] q = new int[32];
            for (int i = 0; i < 32; i++) {
                q[i] = scale == 0 ? 8 : Math.clamp(Math.round(data[block + i] / scale) + 8, 0, 15);
                values[block + i] = scale * (q[i] - 8);
            }
            for (int i = 0; i < 16; i++) {
                out.put((byte) (q[i] | q[i + 16] << 4));
            }
        }
        return new TinyWeights(out.array(), values);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
