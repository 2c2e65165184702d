package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.reference.Elementwise;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class FirstNotFiniteTest {
    @Test
    void theFirstPlaceOfEachLiveRow() {
        float nan = Float.NaN;
        float infinite = Float.POSITIVE_INFINITY;
        FloatArray x = FloatArray.fromArray(new float[] {
            0,
            -Float.MAX_VALUE,
            Float.MIN_VALUE, // nothing wrong
            1,
            nan,
            infinite, //
            -infinite,
            0,
            nan, //
            0,
            0,
            infinite, //
            nan,
            nan,
            nan // not live
        });
        IntArray found = new IntArray(3 * 6);
        found.init(7); // from the pass before
        Elementwise.firstNotFinite(IntArray.fromElements(0, 4), x, found, 1, 3, 5, 6, 1);
        assertThat(found.toHeapArray()).containsExactly(7, 7, 7, 7, 7, 7, 0, 2, 1, 3, 0, 7, 7, 7, 7, 7, 7, 7);
    }
}
