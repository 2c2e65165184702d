package uk.ac.manchester.tornado.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.tornado.TornadoJvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Graphs, plans, and the transfer rules that the checking mode keeps. */
class TaskGraphTest {
    private final FloatArray in = FloatArray.fromElements(1f, 2f, 3f);
    private final FloatArray out = new FloatArray(3);

    @AfterEach
    void fastAgain() {
        TornadoJvm.setChecking(false);
    }

    static void twice(FloatArray in, FloatArray out) {
        for (int i = 0; i < in.getSize(); i++) {
            out.set(i, 2 * in.get(i));
        }
    }

    static void firstOnly(FloatArray in, FloatArray out) {
        out.set(0, in.get(0));
    }

    static void add(FloatArray state, FloatArray in, Integer amount) {
        for (int i = 0; i < in.getSize(); i++) {
            state.set(i, state.get(i) + in.get(i) + amount);
        }
    }

    private static ImmutableTaskGraph twice(String name, int inMode, int outMode, FloatArray in, FloatArray out) {
        return new TaskGraph(name)
                .transferToDevice(inMode, in)
                .task("twice", TaskGraphTest::twice, in, out)
                .transferToHost(outMode, out)
                .snapshot();
    }

    @Test
    void runsTasksInOrderAsOftenAsAsked() throws Exception {
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(
                twice("g", DataTransferMode.EVERY_EXECUTION, DataTransferMode.EVERY_EXECUTION, in, out))) {
            plan.execute();
            assertThat(out.toHeapArray()).containsExactly(2f, 4f, 6f);
            in.set(0, 10f);
            plan.execute();
            assertThat(out.get(0)).isEqualTo(20f);
        }
    }

    @Test
    void firstExecutionCopiesOnce() {
        TornadoJvm.setChecking(true);
        TornadoExecutionPlan plan = new TornadoExecutionPlan(
                twice("g", DataTransferMode.FIRST_EXECUTION, DataTransferMode.EVERY_EXECUTION, in, out));
        plan.execute();
        in.set(0, 10f);
        plan.execute();
        assertThat(out.get(0)).isEqualTo(2f);
    }

    @Test
    void whatAKernelDoesNotWriteComesBackAsNaN() {
        TornadoJvm.setChecking(true);
        out.init(7f);
        new TornadoExecutionPlan(new TaskGraph("g")
                        .transferToDevice(DataTransferMode.EVERY_EXECUTION, in)
                        .task("first", TaskGraphTest::firstOnly, in, out)
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, out)
                        .snapshot())
                .execute();
        assertThat(out.get(0)).isEqualTo(1f);
        assertThat(out.get(1)).isNaN();
    }

    @Test
    void underDemandComesOnlyOnRequest() {
        TornadoJvm.setChecking(true);
        TornadoExecutionResult result = new TornadoExecutionPlan(
                        twice("g", DataTransferMode.EVERY_EXECUTION, DataTransferMode.UNDER_DEMAND, in, out))
                .execute();
        assertThat(out.get(0)).isZero();
        result.transferToHost(out);
        assertThat(out.get(0)).isEqualTo(2f);
    }

    @Test
    void aRangeComesWithoutItsNeighbours() {
        TornadoJvm.setChecking(true);
        TornadoExecutionResult result = new TornadoExecutionPlan(
                        twice("g", DataTransferMode.EVERY_EXECUTION, DataTransferMode.UNDER_DEMAND, in, out))
                .execute();
        result.transferToHost(new DataRange(out).withOffset(1).withSize(1));
        assertThat(out.toHeapArray()).containsExactly(0f, 4f, 0f);
        result.transferToHost(new DataRange(out));
        assertThat(out.toHeapArray()).containsExactly(2f, 4f, 6f);
        assertThatThrownBy(() ->
                        result.transferToHost(new DataRange(out).withOffset(2).withSize(2)))
                .isInstanceOf(TornadoRuntimeException.class)
                .hasMessageContaining("2 elements from element 2");
    }

    @Test
    void aGraphConsumesWhatTheOneBeforePersisted() {
        TornadoJvm.setChecking(true);
        FloatArray state = new FloatArray(3);
        ImmutableTaskGraph first = new TaskGraph("first")
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, state, in)
                .task("add", TaskGraphTest::add, state, in, 1)
                .persistOnDevice(state)
                .snapshot();
        ImmutableTaskGraph second = new TaskGraph("second")
                .consumeFromDevice("first", state)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, in)
                .task("add", TaskGraphTest::add, state, in, 1)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, state)
                .snapshot();
        TornadoExecutionPlan plan = new TornadoExecutionPlan(first, second);
        plan.withGraph(0).execute();
        plan.withGraph(1).execute();
        assertThat(state.toHeapArray()).containsExactly(4f, 6f, 8f);
        assertThatThrownBy(() -> plan.withGraph(1).execute())
                .isInstanceOf(TornadoRuntimeException.class)
                .hasMessageContaining("second")
                .hasMessageContaining("first");
    }

    @Test
    void scalarsAreCapturedWhenTheTaskIsAdded() {
        Integer amount = 5;
        TaskGraph graph = new TaskGraph("g")
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, out, in)
                .task("add", TaskGraphTest::add, out, in, amount);
        amount = 100;
        new TornadoExecutionPlan(graph.snapshot()).execute();
        assertThat(out.get(0)).isEqualTo(6f);
        assertThat(amount).isEqualTo(100);
    }

    @Test
    void refusesAnArrayThatIsInNoTransfer() {
        TaskGraph graph = new TaskGraph("g")
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, in)
                .task("twice", TaskGraphTest::twice, in, out);
        assertThatThrownBy(graph::snapshot)
                .isInstanceOf(TornadoRuntimeException.class)
                .hasMessageContaining("'g.twice'")
                .hasMessageContaining("argument 2");
    }

    @Test
    void refusesUseAfterCloseUnknownGraphsAndTwoTasksOfOneName() throws Exception {
        TornadoExecutionPlan plan = new TornadoExecutionPlan(
                twice("g", DataTransferMode.EVERY_EXECUTION, DataTransferMode.EVERY_EXECUTION, in, out));
        assertThatThrownBy(() -> plan.withGraph(1)).hasMessageContaining("graph 1");
        plan.close();
        assertThatThrownBy(plan::execute).hasMessageContaining("'g'").hasMessageContaining("after close");
        assertThatThrownBy(() -> new TaskGraph("h")
                        .task("t", TaskGraphTest::twice, in, out)
                        .task("t", TaskGraphTest::twice, in, out))
                .hasMessageContaining("'h'")
                .hasMessageContaining("'t'");
    }

    @Test
    void refusesAGridWithoutATask() {
        GridScheduler grids = new GridScheduler("g.twise", new WorkerGrid1D(4));
        TornadoExecutionPlan plan = new TornadoExecutionPlan(
                twice("g", DataTransferMode.EVERY_EXECUTION, DataTransferMode.EVERY_EXECUTION, in, out));
        assertThatThrownBy(() -> plan.withGridScheduler(grids)).hasMessageContaining("'g.twise'");
    }

    @Test
    void arraysAreLittleEndianAndBounded() {
        IntArray ints = IntArray.fromElements(0x04030201);
        assertThat(ints.getSegment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0))
                .isEqualTo((byte) 1);
        assertThatThrownBy(() -> ints.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new FloatArray(-1)).hasMessageContaining("-1");
    }
}
