package dev.squall.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;

/** K-quants against a decoder that takes each number by its index, in double precision, from the description of the format. */
class KQuantsTest {
    private static final int BLOCKS = 20;

    private static int octet(MemorySegment data, long at) {
        return data.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    private static double half(MemorySegment data, long at) {
        return Float.float16ToFloat((short) (octet(data, at) | octet(data, at + 1) << 8));
    }

    /** Random blocks whose scales are small numbers. */
    private static MemorySegment random(TensorType type) {
        Random random = new Random(type.ordinal());
        MemorySegment data = Arena.ofAuto().allocate((long) BLOCKS * type.blockBytes());
        for (long i = 0; i < data.byteSize(); i++) {
            data.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        for (long block = 0; block < BLOCKS; block++) {
            long at = block * type.blockBytes() + (type == TensorType.Q6_K ? 208 : 0);
            data.set(Cursor.SHORT, at, Float.floatToFloat16(random.nextFloat() / 100));
            if (type != TensorType.Q6_K) {
                data.set(Cursor.SHORT, at + 2, Float.floatToFloat16(random.nextFloat() / 100));
            }
        }
        return data;
    }

    private static double number(TensorType type, MemorySegment data, long at, int e) {
        if (type == TensorType.Q6_K) {
            int n = e / 128;
            int quarter = e % 128 / 32;
            int l = e % 32;
            int low = octet(data, at + 64L * n + l + (quarter % 2) * 32) >> (quarter / 2 * 4) & 15;
            int high = octet(data, at + 128 + 32L * n + l) >> (2 * quarter) & 3;
            int scale = data.get(ValueLayout.JAVA_BYTE, at + 192 + 8 * n + 2 * quarter + l / 16);
            return half(data, at + 208) * scale * ((low | high << 4) - 32);
        }
        int part = e / 32;
        long scales = at + 4;
        int scale;
        int minimum;
        if (part < 4) {
            scale = octet(data, scales + part) & 63;
            minimum = octet(data, scales + part + 4) & 63;
        } else {
            scale = octet(data, scales + part + 4) & 15 | octet(data, scales + part - 4) >> 6 << 4;
            minimum = octet(data, scales + part + 4) >> 4 | octet(data, scales + part) >> 6 << 4;
        }
        long numbers = type == TensorType.Q5_K ? at + 48 : at + 16;
        int q = octet(data, numbers + 32L * (e / 64) + e % 32) >> (part % 2 * 4) & 15;
        if (type == TensorType.Q5_K) {
            q += (octet(data, at + 16 + e % 32) >> part & 1) * 16;
        }
        return half(data, at) * scale * q - half(data, at + 2) * minimum;
    }

    @ParameterizedTest
    @EnumSource(names = {"Q4_K", "Q5_K", "Q6_K"})
    void decoding(TensorType type) {
        MemorySegment data = random(type);
        float[] decoded = new float[256];
        for (int block = 0; block < BLOCKS; block++) {
            long at = (long) block * type.blockBytes();
            KQuants.decode(type, data, at, decoded);
            for (int e = 0; e < 256; e++) {
                double expected = number(type, data, at, e);
                assertThat((double) decoded[e])
                        .as("block " + block + ", number " + e)
                        .isCloseTo(expected, within(1e-5 + 1e-6 * Math.abs(expected)));
            }
        }
    }

    /** An error of half a step, a step being the greatest number of a block of 32 over 127, and the rounding of the scale. */
    @ParameterizedTest
    @EnumSource(names = {"Q4_K", "Q5_K", "Q6_K"})
    void repacking(TensorType type) {
        MemorySegment data = random(type);
        ByteArray packed = KQuants.repack(type, data, BLOCKS * 256L);
        assertThat(packed.getSize()).isEqualTo(BLOCKS * 8 * 34);
        for (int block = 0; block < BLOCKS * 8; block++) {
            double greatest = 0;
            for (int i = 0; i < 32; i++) {
                greatest = Math.max(greatest, Math.abs(original(type, data, block * 32 + i)));
            }
            double scale = half(packed.getSegment(), block * 34L);
            for (int i = 0; i < 32; i++) {
                double expected = original(type, data, block * 32 + i);
                assertThat(scale * packed.get(block * 34 + 2 + i))
                        .as("number " + (block * 32 + i))
                        .isCloseTo(expected, within(greatest * (0.5 / 127 + 1.0 / 1024) + 1e-6));
            }
        }
    }

    private static double original(TensorType type, MemorySegment data, int index) {
        return number(type, data, (long) (index / 256) * type.blockBytes(), index % 256);
    }
}
