package dev.squall.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squall.kernels.AttentionCase.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Every kernel of the device set in the shapes of models, in a process that TornadoVM compiles for a device. */
@Tag("device")
class DeviceModelShapesTest {
    @BeforeAll
    static void needsADevice() {
        assumeTrue(
                ModuleLayer.boot().findModule("tornado.api").isPresent(),
                "skipped: this process has no TornadoVM device, only the emulation");
    }

    private static List<DeviceProductCase> products(WeightType type) {
        List<DeviceProductCase> products = new ArrayList<>();
        int[][] shapes = {
            {288, 768}, // stories15M
            {3_072, 2_048}, // Llama 3.2 1B: query, key, value
            {1_024, 8_192} // and half of its down matrix
        };
        for (int[] shape : shapes) {
            for (boolean groups : new boolean[] {false, true}) {
                products.add(new DeviceProductCase(type, groups, shape[0], shape[1], groups ? 4 : 16, 6));
            }
        }
        return products;
    }

    @ParameterizedTest
    @EnumSource
    void product(WeightType type) {
        for (DeviceProductCase product : products(type)) {
            product.productHasTheBitsOfReference();
        }
    }

    @ParameterizedTest
    @EnumSource
    void fusedProducts(WeightType type) {
        for (DeviceProductCase product : products(type).subList(0, 4)) { // compiling is what takes the time
            product.normedIsTheNormThenTheProductThenTheBias();
            product.siluGateIsTheNormThenBothProductsThenTheGate();
            product.residualAddsToTheStreamAndScalesItForTheNextNorm();
        }
    }

    @ParameterizedTest
    @CsvSource({"6,6,48,64", "32,8,64,64", "8,2,128,64", "14,2,64,32"})
    void attention(int heads, int kvHeads, int headDim, int pageSize) {
        new DeviceAttentionTest().theBitsOfReferenceInABatchAndAlone(new Shape(heads, kvHeads, headDim, pageSize));
    }

    @ParameterizedTest
    @CsvSource({"8,2,20,16,0", "32,2,128,64,0", "32,8,64,64,1"})
    void sparseAttention(int heads, int kvHeads, int headDim, int block, int exact) {
        IntArray shape = IntArray.fromElements(heads, kvHeads, headDim, block, block / 2, block / 4, 1, 2, 9, 0, exact);
        for (KvType type : KvType.values()) {
            DeviceSparseTest.check(type, shape, 20);
        }
    }

    @ParameterizedTest
    @CsvSource({"6,6,48,48,true,false", "32,8,64,64,true,false", "16,8,128,128,false,true"})
    void rotate(int heads, int kvHeads, int headDim, int rotaryDim, boolean adjacent, boolean normed) {
        new DeviceStreamTest().rotate(heads, kvHeads, headDim, rotaryDim, adjacent, normed);
    }

    @Test
    void rounding() {
        new DeviceStreamTest().valuesAreRoundedAsTheStandardSays();
    }

    @Test
    void moves() {
        new DeviceKeyValuesTest().moveOneTokenAfterTheOther(8, 64, 16);
    }

    @ParameterizedTest
    @EnumSource
    void embedding(WeightType type) {
        new DeviceStreamTest().embedding(type);
    }

    @ParameterizedTest
    @CsvSource({"32000,64", "128256,64", "151936,32"})
    void vocabulary(int vocab, int parts) {
        DeviceVocabularyTest vocabulary = new DeviceVocabularyTest();
        vocabulary.argMax(vocab, parts);
        vocabulary.logSumExp(vocab, parts);
        vocabulary.topK(vocab, parts, 10);
    }
}
