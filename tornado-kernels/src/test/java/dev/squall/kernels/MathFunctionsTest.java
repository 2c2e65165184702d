package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class MathFunctionsTest {
    @Test
    void expIsWithinTwoUnitsInTheLastPlace() {
        for (int i = -870; i <= 887; i++) {
            for (float x = i / 10f; x < (i + 1) / 10f; x += 0.0007f) {
                double expected = Math.exp(x);
                double unit = Math.ulp((float) expected);
                assertThat((double) MathFunctions.exp(x)).as("exp " + x).isCloseTo(expected, Offset.offset(2 * unit));
            }
        }
    }

    @Test
    void expAtTheEnds() {
        assertThat(MathFunctions.exp(0f)).isEqualTo(1f);
        assertThat(MathFunctions.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(MathFunctions.exp(-1e30f)).isZero();
        assertThat(MathFunctions.exp(-105f)).isZero();
        assertThat(MathFunctions.exp(-100f)).isCloseTo((float) Math.exp(-100), Offset.offset(2 * Float.MIN_VALUE));
        assertThat(MathFunctions.exp(89f)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(MathFunctions.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(MathFunctions.exp(Float.NaN)).isNaN();
    }

    @Test
    void sinAndCosKeepTheirAccuracyFarFromZero() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            float x = (float) ((random.nextDouble() * 2 - 1) * Math.pow(10, random.nextDouble() * 10 - 4));
            assertThat((double) MathFunctions.sin(x)).as("sin " + x).isCloseTo(Math.sin(x), Offset.offset(3e-7));
            assertThat((double) MathFunctions.cos(x)).as("cos " + x).isCloseTo(Math.cos(x), Offset.offset(3e-7));
        }
        assertThat(MathFunctions.sin(0f)).isZero();
        assertThat(MathFunctions.cos(0f)).isEqualTo(1f);
    }

    @Test
    void logIsWithinTwoUnitsInTheLastPlace() {
        Random random = new Random(2);
        for (int i = 0; i < 200_000; i++) {
            float x = (float) Math.pow(10, random.nextDouble() * 82 - 44);
            double expected = Math.log(x);
            double bound = Math.max(1e-7, 2 * Math.ulp((float) expected));
            assertThat((double) MathFunctions.log(x)).as("log " + x).isCloseTo(expected, Offset.offset(bound));
        }
        assertThat(MathFunctions.log(1f)).isZero();
        assertThat(MathFunctions.log(Float.MIN_VALUE)).isCloseTo(-103.27893f, Offset.offset(1e-5f));
        assertThat(MathFunctions.log(Float.MAX_VALUE)).isCloseTo(88.72284f, Offset.offset(1e-5f));
    }

    /** The Maclaurin series, in float64; enough terms for |x| below 4. */
    private static double erf(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < 120; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    @Test
    void erfIsWithinAMillionth() {
        for (float x = -4f; x <= 4f; x += 0.0003f) {
            assertThat((double) MathFunctions.erf(x)).as("erf " + x).isCloseTo(erf(x), Offset.offset(5e-7));
        }
        assertThat(MathFunctions.erf(1e-6f)).isCloseTo(1.1283792e-6f, Offset.offset(1e-12f));
        assertThat(MathFunctions.erf(30f)).isEqualTo(1f);
        assertThat(MathFunctions.erf(Float.NEGATIVE_INFINITY)).isEqualTo(-1f);
    }
}
