package dev.squall.kernels;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Matrix products of the device set, by vectors and by work-groups, on emulated work-items, in small odd shapes. */
class DeviceProductTest {
    /** Rows, columns, panel: blocks of 32. */
    private static final int[][] SHAPES = {{2, 32, 1}, {6, 96, 4}, {10, 160, 3}, {34, 64, 16}};

    /** Columns that are no multiple of the sixteen lanes. */
    private static final int[][] TAILS = {{4, 1, 3}, {6, 17, 4}, {10, 43, 2}};

    private interface Check {
        void of(DeviceProductCase product);
    }

    private static void all(WeightType type, Check check) {
        for (boolean groups : new boolean[] {false, true}) {
            for (int[] shape : SHAPES) {
                check.of(new DeviceProductCase(type, groups, shape[0], shape[1], shape[2], 6));
            }
        }
        for (int[] shape : type.blockSize() == 1 ? TAILS : new int[0][]) {
            check.of(new DeviceProductCase(type, true, shape[0], shape[1], shape[2], 6));
        }
    }

    @ParameterizedTest
    @EnumSource
    void productHasTheBitsOfReference(WeightType type) {
        all(type, DeviceProductCase::productHasTheBitsOfReference);
    }

    @ParameterizedTest
    @EnumSource
    void normed(WeightType type) {
        all(type, DeviceProductCase::normedIsTheNormThenTheProductThenTheBias);
    }

    @ParameterizedTest
    @EnumSource
    void siluGate(WeightType type) {
        all(type, DeviceProductCase::siluGateIsTheNormThenBothProductsThenTheGate);
    }

    @ParameterizedTest
    @EnumSource
    void residual(WeightType type) {
        all(type, DeviceProductCase::residualAddsToTheStreamAndScalesItForTheNextNorm);
    }
}
