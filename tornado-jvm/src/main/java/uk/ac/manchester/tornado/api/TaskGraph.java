package uk.ac.manchester.tornado.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task10;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task11;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task12;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task13;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task14;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task15;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task16;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task17;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task18;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task19;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task20;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task8;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task9;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;

/**
 * Some tasks in order, and which arrays travel between host and device before and after them.
 *
 * <p>A task's arguments are captured when it is added: a scalar never changes afterwards. Stricter than a device, every
 * array that a task takes must be named by one of the transfers of its graph (an intermediate by
 * {@link #persistOnDevice}), and every name must be unique.
 */
public class TaskGraph {
    private final String name;
    final List<JvmTask> tasks = new ArrayList<>();
    final List<Transfer> transfers = new ArrayList<>();

    public TaskGraph(String name) {
        this.name = name;
    }

    public String getTaskGraphName() {
        return name;
    }

    /**
     * Copies arrays to the device before the tasks run.
     *
     * @param mode one of {@link DataTransferMode}
     */
    public TaskGraph transferToDevice(int mode, Object... objects) {
        return transfer(Transfer.Direction.TO_DEVICE, mode, null, objects);
    }

    /** Takes arrays that the graph executed just before has left on the device. */
    public TaskGraph consumeFromDevice(Object... objects) {
        return transfer(Transfer.Direction.CONSUME, DataTransferMode.UNDER_DEMAND, null, objects);
    }

    /** Takes arrays that the named graph, executed just before, has left on the device. */
    public TaskGraph consumeFromDevice(String uniqueTaskGraphName, Object... objects) {
        return transfer(Transfer.Direction.CONSUME, DataTransferMode.UNDER_DEMAND, uniqueTaskGraphName, objects);
    }

    /**
     * Copies arrays back to the host after the tasks have run.
     *
     * @param mode one of {@link DataTransferMode}; under demand they stay until a result asks for them
     */
    public TaskGraph transferToHost(int mode, Object... objects) {
        return transfer(Transfer.Direction.TO_HOST, mode, null, objects);
    }

    /** Leaves arrays on the device, for a later graph or until a result asks for them. */
    public TaskGraph persistOnDevice(Object... objects) {
        return transferToHost(DataTransferMode.UNDER_DEMAND, objects);
    }

    /** Freezes this graph. */
    public ImmutableTaskGraph snapshot() {
        checkThatArraysAreTransferred();
        return new ImmutableTaskGraph(this);
    }

    private TaskGraph transfer(Transfer.Direction direction, int mode, String source, Object[] objects) {
        if (mode < DataTransferMode.FIRST_EXECUTION || mode > DataTransferMode.UNDER_DEMAND) {
            throw new TornadoRuntimeException("graph '" + name + "': transfer mode " + mode + ", expected 0, 1 or 2");
        }
        for (Object object : objects) {
            if (object == null) {
                throw new TornadoRuntimeException("graph '" + name + "': a transfer of null");
            }
            transfers.add(new Transfer(direction, mode, source, object));
        }
        return this;
    }

    private TaskGraph add(String id, JvmTask.Body body, Object... arguments) {
        for (JvmTask task : tasks) {
            if (task.name().equals(id)) {
                throw new TornadoRuntimeException("graph '" + name + "': two tasks are named '" + id + "'");
            }
        }
        tasks.add(new JvmTask(id, body, arguments));
        return this;
    }

    private void checkThatArraysAreTransferred() {
        Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
        transfers.forEach(transfer -> known.add(transfer.object()));
        for (JvmTask task : tasks) {
            Object[] arguments = task.arguments();
            for (int i = 0; i < arguments.length; i++) {
                if (JvmTask.livesOnDevice(arguments[i]) && !known.contains(arguments[i])) {
                    throw new TornadoRuntimeException("task '" + name + "." + task.name() + "': argument " + (i + 1)
                            + ", " + arguments[i] + ", is in no transfer of the graph");
                }
            }
        }
    }

    public TaskGraph task(String id, Task code) {
        return add(id, a -> code.apply());
    }

    @SuppressWarnings("unchecked")
    public <T1> TaskGraph task(String id, Task1<T1> code, T1 arg1) {
        return add(id, a -> code.apply((T1) a[0]), arg1);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2> TaskGraph task(String id, Task2<T1, T2> code, T1 arg1, T2 arg2) {
        return add(id, a -> code.apply((T1) a[0], (T2) a[1]), arg1, arg2);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3> TaskGraph task(String id, Task3<T1, T2, T3> code, T1 arg1, T2 arg2, T3 arg3) {
        return add(id, a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2]), arg1, arg2, arg3);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4> TaskGraph task(String id, Task4<T1, T2, T3, T4> code, T1 arg1, T2 arg2, T3 arg3, T4 arg4) {
        return add(id, a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3]), arg1, arg2, arg3, arg4);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5> TaskGraph task(
            String id, Task5<T1, T2, T3, T4, T5> code, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) {
        return add(
                id,
                a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6> TaskGraph task(
            String id, Task6<T1, T2, T3, T4, T5, T6> code, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) {
        return add(
                id,
                a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4], (T6) a[5]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7> TaskGraph task(
            String id,
            Task7<T1, T2, T3, T4, T5, T6, T7> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7) {
        return add(
                id,
                a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4], (T6) a[5], (T7) a[6]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8> TaskGraph task(
            String id,
            Task8<T1, T2, T3, T4, T5, T6, T7, T8> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8) {
        return add(
                id,
                a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4], (T6) a[5], (T7) a[6], (T8) a[7]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9> TaskGraph task(
            String id,
            Task9<T1, T2, T3, T4, T5, T6, T7, T8, T9> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4], (T6) a[5], (T7) a[6], (T8) a[7],
                        (T9) a[8]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> TaskGraph task(
            String id,
            Task10<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> TaskGraph task(
            String id,
            Task11<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> TaskGraph task(
            String id,
            Task12<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> TaskGraph task(
            String id,
            Task13<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12,
            T13 arg13) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11],
                        (T13) a[12]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12,
                arg13);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> TaskGraph task(
            String id,
            Task14<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12,
            T13 arg13,
            T14 arg14) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11],
                        (T13) a[12],
                        (T14) a[13]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12,
                arg13,
                arg14);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15> TaskGraph task(
            String id,
            Task15<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12,
            T13 arg13,
            T14 arg14,
            T15 arg15) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11],
                        (T13) a[12],
                        (T14) a[13],
                        (T15) a[14]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12,
                arg13,
                arg14,
                arg15);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16> TaskGraph task(
            String id,
            Task16<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12,
            T13 arg13,
            T14 arg14,
            T15 arg15,
            T16 arg16) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11],
                        (T13) a[12],
                        (T14) a[13],
                        (T15) a[14],
                        (T16) a[15]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12,
                arg13,
                arg14,
                arg15,
                arg16);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17> TaskGraph task(
            String id,
            Task17<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12,
            T13 arg13,
            T14 arg14,
            T15 arg15,
            T16 arg16,
            T17 arg17) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11],
                        (T13) a[12],
                        (T14) a[13],
                        (T15) a[14],
                        (T16) a[15],
                        (T17) a[16]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12,
                arg13,
                arg14,
                arg15,
                arg16,
                arg17);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18> TaskGraph task(
            String id,
            Task18<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12,
            T13 arg13,
            T14 arg14,
            T15 arg15,
            T16 arg16,
            T17 arg17,
            T18 arg18) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11],
                        (T13) a[12],
                        (T14) a[13],
                        (T15) a[14],
                        (T16) a[15],
                        (T17) a[16],
                        (T18) a[17]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12,
                arg13,
                arg14,
                arg15,
                arg16,
                arg17,
                arg18);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19> TaskGraph task(
            String id,
            Task19<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12,
            T13 arg13,
            T14 arg14,
            T15 arg15,
            T16 arg16,
            T17 arg17,
            T18 arg18,
            T19 arg19) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11],
                        (T13) a[12],
                        (T14) a[13],
                        (T15) a[14],
                        (T16) a[15],
                        (T17) a[16],
                        (T18) a[17],
                        (T19) a[18]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12,
                arg13,
                arg14,
                arg15,
                arg16,
                arg17,
                arg18,
                arg19);
    }

    @SuppressWarnings("unchecked")
    public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20> TaskGraph task(
            String id,
            Task20<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20> code,
            T1 arg1,
            T2 arg2,
            T3 arg3,
            T4 arg4,
            T5 arg5,
            T6 arg6,
            T7 arg7,
            T8 arg8,
            T9 arg9,
            T10 arg10,
            T11 arg11,
            T12 arg12,
            T13 arg13,
            T14 arg14,
            T15 arg15,
            T16 arg16,
            T17 arg17,
            T18 arg18,
            T19 arg19,
            T20 arg20) {
        return add(
                id,
                a -> code.apply(
                        (T1) a[0],
                        (T2) a[1],
                        (T3) a[2],
                        (T4) a[3],
                        (T5) a[4],
                        (T6) a[5],
                        (T7) a[6],
                        (T8) a[7],
                        (T9) a[8],
                        (T10) a[9],
                        (T11) a[10],
                        (T12) a[11],
                        (T13) a[12],
                        (T14) a[13],
                        (T15) a[14],
                        (T16) a[15],
                        (T17) a[16],
                        (T18) a[17],
                        (T19) a[18],
                        (T20) a[19]),
                arg1,
                arg2,
                arg3,
                arg4,
                arg5,
                arg6,
                arg7,
                arg8,
                arg9,
                arg10,
                arg11,
                arg12,
                arg13,
                arg14,
                arg15,
                arg16,
                arg17,
                arg18,
                arg19,
                arg20);
    }
}
