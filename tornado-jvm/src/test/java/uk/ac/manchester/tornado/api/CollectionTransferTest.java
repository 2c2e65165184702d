package uk.ac.manchester.tornado.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.tornado.TornadoJvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat4;
import uk.ac.manchester.tornado.api.types.collections.VectorHalf2;
import uk.ac.manchester.tornado.api.types.collections.VectorInt8;
import uk.ac.manchester.tornado.api.types.vectors.Float4;
import uk.ac.manchester.tornado.api.types.vectors.Half2;
import uk.ac.manchester.tornado.api.types.vectors.Int8;

/** Collections of vectors as arguments of tasks keep the transfer rules of arrays. */
class CollectionTransferTest {
    private final VectorFloat4 in = new VectorFloat4(FloatArray.fromElements(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f));
    private final VectorFloat4 out = new VectorFloat4(2);

    @AfterEach
    void fastAgain() {
        TornadoJvm.setChecking(false);
    }

    static void twice(VectorFloat4 in, VectorFloat4 out) {
        for (int i = 0; i < in.getLength(); i++) {
            out.set(i, Float4.mult(in.get(i), 2f));
        }
    }

    static void firstOnly(VectorFloat4 in, VectorFloat4 out) {
        out.set(0, in.get(0));
    }

    static void copy(FloatArray in, VectorFloat4 out) {
        for (int i = 0; i < in.getSize() / 4; i++) {
            out.set(i, new Float4(in.get(4 * i), in.get(4 * i + 1), in.get(4 * i + 2), in.get(4 * i + 3)));
        }
    }

    static void increment(VectorInt8 state) {
        for (int i = 0; i < state.getLength(); i++) {
            state.set(i, Int8.add(state.get(i), 1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void comesBackInBothModes(boolean checking) {
        TornadoJvm.setChecking(checking);
        new TornadoExecutionPlan(new TaskGraph("g")
                        .transferToDevice(DataTransferMode.EVERY_EXECUTION, in)
                        .task("twice", CollectionTransferTest::twice, in, out)
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, out)
                        .snapshot())
                .execute();
        assertThat(out.getArray().toHeapArray()).containsExactly(2f, 4f, 6f, 8f, 10f, 12f, 14f, 16f);
    }

    @Test
    void firstExecutionCopiesOnceAndWhatIsNotWrittenIsNaN() {
        TornadoJvm.setChecking(true);
        TornadoExecutionPlan plan = new TornadoExecutionPlan(new TaskGraph("g")
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, in)
                .task("first", CollectionTransferTest::firstOnly, in, out)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, out)
                .snapshot());
        plan.execute();
        in.fill(9f);
        plan.execute();
        assertThat(out.get(0).toArray()).containsExactly(1f, 2f, 3f, 4f);
        assertThat(out.get(1).toArray()).containsOnly(Float.NaN);
    }

    static void firstHalf(VectorHalf2 out) {
        out.set(0, Half2.fromFloats(1f, 2f));
    }

    @Test
    void halvesThatAreNotWrittenAreNaN() {
        TornadoJvm.setChecking(true);
        VectorHalf2 halves = new VectorHalf2(2);
        new TornadoExecutionPlan(new TaskGraph("g")
                        .task("first", CollectionTransferTest::firstHalf, halves)
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, halves)
                        .snapshot())
                .execute();
        assertThat(halves.get(0)).hasToString("[1.0, 2.0]");
        assertThat(halves.get(1)).hasToString("[NaN, NaN]");
    }

    @Test
    void aGraphConsumesACollectionThatTheOneBeforePersisted() {
        TornadoJvm.setChecking(true);
        VectorInt8 state = new VectorInt8(3);
        TornadoExecutionPlan plan = new TornadoExecutionPlan(
                new TaskGraph("first")
                        .transferToDevice(DataTransferMode.FIRST_EXECUTION, state)
                        .task("increment", CollectionTransferTest::increment, state)
                        .persistOnDevice(state)
                        .snapshot(),
                new TaskGraph("second")
                        .consumeFromDevice("first", state)
                        .task("increment", CollectionTransferTest::increment, state)
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, state)
                        .snapshot());
        plan.withGraph(0).execute();
        assertThat(state.getArray().toHeapArray()).containsOnly(0);
        plan.withGraph(1).execute();
        assertThat(state.getArray().toHeapArray()).containsOnly(2);
    }

    @Test
    void aCollectionAndItsArrayAreTwoThings() {
        FloatArray array = in.getArray();
        TaskGraph graph = new TaskGraph("g")
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, array)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, out)
                .task("twice", CollectionTransferTest::twice, in, out);
        assertThatThrownBy(graph::snapshot)
                .isInstanceOf(TornadoRuntimeException.class)
                .hasMessageContaining("'g.twice'")
                .hasMessageContaining("argument 1, VectorFloat4[2]");

        TornadoJvm.setChecking(true);
        VectorFloat4 view = new VectorFloat4(array);
        new TornadoExecutionPlan(new TaskGraph("h")
                        .transferToDevice(DataTransferMode.EVERY_EXECUTION, array, view)
                        .task("twice", CollectionTransferTest::twice, view, view)
                        .task("copy", CollectionTransferTest::copy, array, out)
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, out)
                        .snapshot())
                .execute();
        assertThat(out.getArray().toHeapArray()).containsExactly(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f);
    }
}
