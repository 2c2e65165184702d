package dev.squall.model.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The numbers of a tensor out of a file's blocks, and into them again.
 *
 * <p>Q8_0 is quantised as ggml does: the scale is the largest magnitude / 127, a number is multiplied by the scale's
 * reciprocal in F32 and rounded, halves away from zero; the scale is stored in F16.
 */
public final class TensorValues {
    private static final int BLOCK = 32;
    private static final int LARGEST = 127;

    private TensorValues() {}

    /**
     * All numbers of a tensor in F32, row-major. K-quants come by way of Q8_0, as they are loaded.
     *
     * @throws ModelFileException if its type is not supported
     */
    public static float[] read(Checkpoint checkpoint, TensorInfo tensor) {
        MemorySegment data = checkpoint.data(tensor);
        float[] values = new float[Math.toIntExact(tensor.elements())];
        switch (tensor.type()) {
            case F32 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = data.get(Cursor.FLOAT, 4L * i);
                }
            }
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(data.get(Cursor.SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(data.get(Cursor.SHORT, 2L * i) << 16);
                }
            }
            case Q8_0 -> readQ8(data, values);
            case Q4_0 -> readQ4(data, values);
            case Q4_K, Q5_K, Q6_K ->
                readQ8(KQuants.repack(tensor.type(), data, tensor.elements()).getSegment(), values);
            default ->
                throw new ModelFileException(
                        tensor.file(),
                        "tensor " + tensor.name(),
                        tensor.type().name(),
                        "one of F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K");
        }
        return values;
    }

    private static void readQ8(MemorySegment data, float[] values) {
        for (int i = 0; i < values.length; i++) {
            long block = (long) (i / BLOCK) * TensorType.Q8_0.blockBytes();
            float scale = Float.float16ToFloat(data.get(Cursor.SHORT, block));
            values[i] = scale * data.get(ValueLayout.JAVA_BYTE, block + 2 + i % BLOCK);
        }
    }

    private static void readQ4(MemorySegment data, float[] values) {
        for (int i = 0; i < values.length; i++) {
            long block = (long) (i / BLOCK) * TensorType.Q4_0.blockBytes();
            float scale = Float.float16ToFloat(data.get(Cursor.SHORT, block));
            int within = i % BLOCK;
            int both = data.get(ValueLayout.JAVA_BYTE, block + 2 + within % (BLOCK / 2)) & 0xFF;
            values[i] = scale * ((within < BLOCK / 2 ? both & 15 : both >>> 4) - 8);
        }
    }

    /**
     * Numbers as a file has them.
     *
     * @param type F32, F16 or Q8_0; for the last a multiple of 32 numbers
     */
    public static byte[] encode(TensorType type, float[] values) {
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(type.byteSize(values.length)))
                .order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case F32 -> out.asFloatBuffer().put(values);
            case F16 -> {
                for (float value : values) {
                    out.putShort(Float.floatToFloat16(value));
                }
            }
            case Q8_0 -> {
                if (values.length % BLOCK != 0) {
                    throw new IllegalArgumentException(
                            "Q8_0: found " + values.length + " numbers, expected a multiple of " + BLOCK);
                }
                for (int block = 0; block < values.length; block += BLOCK) {
                    encodeQ8(values, block, out);
                }
            }
            default -> throw new IllegalArgumentException("type: found " + type + ", expected F32, F16 or Q8_0");
        }
        return out.array();
    }

    private static void encodeQ8(float[] values, int from, ByteBuffer out) {
        float largest = 0;
        for (int i = from; i < from + BLOCK; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        if (!Float.isFinite(largest)) {
            throw new IllegalArgumentException("Q8_0: found " + largest + ", expected finite numbers");
        }
        float scale = largest / LARGEST;
        float reciprocal = scale == 0 ? 0 : 1 / scale;
        out.putShort(Float.floatToFloat16(scale));
        for (int i = from; i < from + BLOCK; i++) {
            float scaled = values[i] * reciprocal;
            out.put((byte) (scaled < 0 ? -awayFromZero(-scaled) : awayFromZero(scaled)));
        }
    }

    /** Exact in double, where 0.5 can be added without rounding. */
    private static int awayFromZero(float positive) {
        return (int) Math.floor(positive + 0.5);
    }
}
