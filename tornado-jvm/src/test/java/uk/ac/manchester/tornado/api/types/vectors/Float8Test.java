package uk.ac.manchester.tornado.api.types.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Vectors compute element by element. */
class Float8Test {
    private static final Float8 A = new Float8(1, -2, 3, -4, 5, -6, 7, -8);
    private static final Float8 B = new Float8(2, 4, 8, 16, -2, -4, -8, -16);

    @Test
    void arithmetic() {
        assertThat(Float8.add(A, B).toArray()).containsExactly(3, 2, 11, 12, 3, -10, -1, -24);
        assertThat(Float8.sub(A, B).toArray()).containsExactly(-1, -6, -5, -20, 7, -2, 15, 8);
        assertThat(Float8.mult(A, B).toArray()).containsExactly(2, -8, 24, -64, -10, 24, -56, 128);
        assertThat(Float8.div(A, B).toArray()).containsExactly(0.5f, -0.5f, 0.375f, -0.25f, -2.5f, 1.5f, -0.875f, 0.5f);
        assertThat(Float8.mult(A, 2f).toArray()).containsExactly(2, -4, 6, -8, 10, -12, 14, -16);
        assertThat(Float8.sub(Float8.add(A, 1f), 1f).toArray()).containsExactly(A.toArray());
    }

    @Test
    void order() {
        assertThat(Float8.min(A, B).toArray()).containsExactly(1, -2, 3, -4, -2, -6, -8, -16);
        assertThat(Float8.max(A, B).toArray()).containsExactly(2, 4, 8, 16, 5, -4, 7, -8);
        assertThat(Float8.min(A)).isEqualTo(-8);
        assertThat(Float8.max(A)).isEqualTo(7);
        assertThat(Float8.dot(A, B)).isEqualTo(2 - 8 + 24 - 64 - 10 + 24 - 56 + 128);
    }

    @Test
    void lanes() {
        float[] getters = {A.getS0(), A.getS1(), A.getS2(), A.getS3(), A.getS4(), A.getS5(), A.getS6(), A.getS7()};
        assertThat(getters).containsExactly(A.toArray());
        for (int lane = 0; lane < A.size(); lane++) {
            assertThat(A.get(lane)).isEqualTo(getters[lane]);
        }
        assertThat(new Float8().toArray()).containsOnly(0f);
        assertThatThrownBy(() -> A.get(8))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("found 8");
    }
}
