package uk.ac.manchester.tornado.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Work-items, groups, local memory and barriers. */
@Timeout(60)
class KernelContextTest {
    static void ids(KernelContext c, IntArray out) {
        int i = c.globalIdx + c.globalGroupSizeX * c.globalIdy;
        out.set(i, c.localIdx + 10 * c.groupIdx + 100 * c.localIdy + 1000 * c.groupIdy);
    }

    /** The sum of each group, by a tree with a barrier in its loop. */
    static void sums(KernelContext c, FloatArray in, FloatArray out) {
        float[] local = c.allocateFloatLocalArray(256);
        local[c.localIdx] = in.get(c.globalIdx);
        for (int stride = c.localGroupSizeX / 2; stride > 0; stride = stride / 2) {
            c.localBarrier();
            if (c.localIdx < stride) {
                local[c.localIdx] = local[c.localIdx] + local[c.localIdx + stride];
            }
        }
        if (c.localIdx == 0) {
            out.set(c.groupIdx, local[0]);
        }
    }

    /** Hands every item's number round a ring, with two barriers a turn. */
    static void ring(KernelContext c, IntArray turns, IntArray out) {
        int[] local = c.allocateIntLocalArray(c.localGroupSizeX);
        int value = c.globalIdx;
        for (int i = 0; i < turns.get(0); i++) {
            local[c.localIdx] = value;
            c.localBarrier();
            value = local[(c.localIdx + 1) % c.localGroupSizeX];
            c.localBarrier();
        }
        out.set(c.globalIdx, value);
    }

    static void half(KernelContext c, IntArray out) {
        if (c.localIdx < 2) {
            c.localBarrier();
        }
        out.set(c.globalIdx, 1);
    }

    static void fails(KernelContext c, IntArray out) {
        if (c.localIdx == 3) {
            throw new IllegalArgumentException("item 3");
        }
        c.localBarrier();
        out.set(c.globalIdx, 1);
    }

    private static TornadoExecutionPlan plan(TaskGraph graph, WorkerGrid grid, String task) {
        return new TornadoExecutionPlan(graph.snapshot()).withGridScheduler(new GridScheduler(task, grid));
    }

    @Test
    void everyItemKnowsItsPlace() {
        IntArray out = new IntArray(24);
        WorkerGrid grid = new WorkerGrid2D(6, 4);
        grid.setLocalWork(3, 2, 1);
        plan(
                        new TaskGraph("g")
                                .task("ids", KernelContextTest::ids, new KernelContext(), out)
                                .transferToHost(DataTransferMode.EVERY_EXECUTION, out),
                        grid,
                        "g.ids")
                .execute();
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 6; x++) {
                assertThat(out.get(x + 6 * y)).isEqualTo(x % 3 + 10 * (x / 3) + 100 * (y % 2) + 1000 * (y / 2));
            }
        }
    }

    @Test
    void aGroupOf256SharesMemoryAndMeetsAtBarriers() {
        FloatArray in = new FloatArray(1024);
        for (int i = 0; i < in.getSize(); i++) {
            in.set(i, i);
        }
        FloatArray out = new FloatArray(4);
        WorkerGrid grid = new WorkerGrid1D(1024);
        grid.setLocalWork(256, 1, 1);
        TornadoExecutionPlan plan = plan(
                new TaskGraph("g")
                        .transferToDevice(DataTransferMode.EVERY_EXECUTION, in)
                        .task("sums", KernelContextTest::sums, new KernelContext(), in, out)
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, out),
                grid,
                "g.sums");
        for (int run = 0; run < 5; run++) {
            out.clear();
            plan.execute();
            for (int group = 0; group < 4; group++) {
                assertThat(out.get(group)).isEqualTo(256f * (256 * group) + 255 * 128);
            }
        }
    }

    @Property(tries = 50)
    void barriersInALoopHoldInGroupsOfEverySize(
            @ForAll @IntRange(min = 1, max = 67) int size,
            @ForAll @IntRange(min = 1, max = 3) int groups,
            @ForAll @IntRange(max = 20) int turns) {
        IntArray out = new IntArray(size * groups);
        IntArray count = IntArray.fromElements(turns);
        WorkerGrid grid = new WorkerGrid1D(size * groups);
        grid.setLocalWork(size, 1, 1);
        plan(
                        new TaskGraph("g")
                                .transferToDevice(DataTransferMode.EVERY_EXECUTION, count)
                                .task("ring", KernelContextTest::ring, new KernelContext(), count, out)
                                .transferToHost(DataTransferMode.EVERY_EXECUTION, out),
                        grid,
                        "g.ring")
                .execute();
        for (int i = 0; i < size * groups; i++) {
            assertThat(out.get(i)).isEqualTo(i / size * size + (i % size + turns) % size);
        }
    }

    @Test
    void aBarrierThatSomeItemsMissIsAnError() {
        assertFails(KernelContextTest::half, "barrier");
    }

    @Test
    void anItemThatFailsEndsTheGroup() {
        assertFails(KernelContextTest::fails, "item 3");
    }

    private static void assertFails(
            uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2<KernelContext, IntArray> kernel,
            String message) {
        IntArray out = new IntArray(8);
        WorkerGrid grid = new WorkerGrid1D(8);
        grid.setLocalWork(8, 1, 1);
        TornadoExecutionPlan plan = plan(
                new TaskGraph("g")
                        .task("k", kernel, new KernelContext(), out)
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, out),
                grid,
                "g.k");
        assertThatThrownBy(plan::execute).hasMessageContaining(message);
    }

    @Test
    void aGridMayChangeBetweenExecutions() {
        IntArray out = new IntArray(8);
        TaskGraph graph = new TaskGraph("g")
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, out)
                .task("count", KernelContextTest::items, new KernelContext(), out)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, out);
        WorkerGrid grid = new WorkerGrid1D(2);
        TornadoExecutionPlan plan = plan(graph, grid, "g.count");
        plan.execute();
        assertThat(out.toHeapArray()).containsExactly(1, 1, 0, 0, 0, 0, 0, 0);
        grid.setGlobalWork(6, 1, 1);
        plan.execute();
        assertThat(out.toHeapArray()).containsExactly(2, 2, 1, 1, 1, 1, 0, 0);
        grid.setLocalWork(4, 1, 1);
        assertThatThrownBy(plan::execute)
                .isInstanceOf(TornadoRuntimeException.class)
                .hasMessageContaining("'g.count'")
                .hasMessageContaining("4 does not divide global size 6");
    }

    static void items(KernelContext c, IntArray out) {
        out.set(c.globalIdx, out.get(c.globalIdx) + 1);
    }

    @Test
    void refusesALocalSizeThatDoesNotDivideAndAMissingGrid() {
        IntArray out = new IntArray(10);
        TaskGraph graph = new TaskGraph("g")
                .task("ids", KernelContextTest::ids, new KernelContext(), out)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, out);
        WorkerGrid grid = new WorkerGrid1D(10);
        grid.setLocalWork(4, 1, 1);
        assertThatThrownBy(() -> plan(graph, grid, "g.ids"))
                .hasMessageContaining("'g.ids'")
                .hasMessageContaining("4")
                .hasMessageContaining("10");
        TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot());
        assertThatThrownBy(plan::execute).hasMessageContaining("'g.ids'").hasMessageContaining("grid");
    }
}
