package dev.squall.kernels.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.Lanes;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class VectorsTest {
    @Test
    void expOfAVectorAndOfANumberHaveTheSameBits() {
        Random random = new Random(1);
        float[] x = new float[23]; // of a length that leaves a rest whatever the width of vectors
        float[] found = new float[x.length];
        for (int i = 0; i < 20_000; i++) {
            for (int lane = 0; lane < x.length; lane++) {
                x[lane] = random.nextFloat() * 240 - 130;
            }
            if (i == 0) {
                x[0] = Float.NEGATIVE_INFINITY;
                x[1] = Float.POSITIVE_INFINITY;
                x[2] = -0f;
                x[3] = Float.NaN;
            }
            System.arraycopy(x, 0, found, 0, x.length);
            Vectors.exp(found, 0, x.length, 0f);
            for (int lane = 0; lane < x.length; lane++) {
                assertThat(Float.floatToIntBits(found[lane]))
                        .as("exp " + x[lane])
                        .isEqualTo(Float.floatToIntBits(Vectors.exp(x[lane])));
                if (x[lane] > -86.1f && x[lane] < 88.7f) {
                    double expected = Math.exp(x[lane]);
                    double bound = 1.0 * Math.ulp((float) expected);
                    assertThat((double) found[lane]).as("exp " + x[lane]).isCloseTo(expected, Offset.offset(bound));
                }
            }
        }
        assertThat(Vectors.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(Vectors.exp(0f)).isEqualTo(1f);
        assertThat(Vectors.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    }

    @Test
    void theSumOfTwoVectorsIsTheTreeOfTheLanes() {
        Random random = new Random(2);
        float[] lanes = new float[16];
        for (int i = 0; i < 20_000; i++) {
            for (int lane = 0; lane < 16; lane++) {
                lanes[lane] = (float) random.nextGaussian();
            }
            float found = Vectors.sum(
                    FloatVector.fromArray(Vectors.EIGHT, lanes, 0), FloatVector.fromArray(Vectors.EIGHT, lanes, 8));
            assertThat(found).isEqualTo(Lanes.sum(lanes, 0));
        }
    }
}
