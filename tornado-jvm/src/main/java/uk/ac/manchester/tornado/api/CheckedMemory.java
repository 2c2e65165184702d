package uk.ac.manchester.tornado.api;

import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.ArrayViews;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.collections.CollectionViews;

/**
 * The checking mode: every graph has copies of its own of the arrays it names, filled exactly by TornadoVM's transfer
 * rules; a collection of vectors has a copy apart from that of its array. What was never copied in is NaN in arrays of
 * floating-point numbers and 0xA5 bytes in others.
 */
final class CheckedMemory implements DeviceMemory {
    private static final byte GARBAGE = (byte) 0xA5;

    private final Map<ImmutableTaskGraph, Map<Object, TornadoNativeArray>> copies = new IdentityHashMap<>();
    private ImmutableTaskGraph previous;

    @Override
    public void beforeTasks(ImmutableTaskGraph graph) {
        boolean first = !copies.containsKey(graph);
        Map<Object, TornadoNativeArray> own = copies.computeIfAbsent(graph, g -> new IdentityHashMap<>());
        for (Transfer transfer : graph.transfers()) {
            Object host = transfer.object();
            TornadoNativeArray array = CollectionViews.array(host);
            if (array == null) {
                continue;
            }
            switch (transfer.direction()) {
                case CONSUME -> own.put(host, persisted(graph, transfer, host));
                case TO_DEVICE -> {
                    TornadoNativeArray copy = own.computeIfAbsent(host, h -> garbage(array));
                    if (transfer.mode() == DataTransferMode.EVERY_EXECUTION
                            || transfer.mode() == DataTransferMode.FIRST_EXECUTION && first) {
                        copy.getSegment().copyFrom(array.getSegment());
                    }
                }
                case TO_HOST -> own.computeIfAbsent(host, h -> garbage(array));
            }
        }
    }

    private TornadoNativeArray persisted(ImmutableTaskGraph graph, Transfer transfer, Object host) {
        if (previous == null || transfer.source() != null && !transfer.source().equals(previous.name())) {
            throw new TornadoRuntimeException("graph '" + graph.name() + "' consumes " + host + " from "
                    + (transfer.source() == null ? "the graph before it" : "'" + transfer.source() + "'")
                    + ", but the graph executed before it is "
                    + (previous == null ? "none" : "'" + previous.name() + "'"));
        }
        for (Transfer left : previous.transfers()) {
            if (left.object() == host
                    && left.direction() == Transfer.Direction.TO_HOST
                    && left.mode() == DataTransferMode.UNDER_DEMAND) {
                return copies.get(previous).get(host);
            }
        }
        throw new TornadoRuntimeException("graph '" + graph.name() + "' consumes " + host + ", which graph '"
                + previous.name() + "' does not persist");
    }

    @Override
    public Object[] arguments(ImmutableTaskGraph graph, JvmTask task) {
        Map<Object, TornadoNativeArray> own = copies.get(graph);
        Object[] arguments = task.arguments().clone();
        for (int i = 0; i < arguments.length; i++) {
            if (JvmTask.livesOnDevice(arguments[i])) {
                arguments[i] = CollectionViews.view(own.get(arguments[i]), arguments[i]);
            }
        }
        return arguments;
    }

    @Override
    public void afterTasks(ImmutableTaskGraph graph) {
        for (Transfer transfer : graph.transfers()) {
            if (transfer.direction() == Transfer.Direction.TO_HOST
                    && transfer.mode() != DataTransferMode.UNDER_DEMAND) {
                copyToHost(graph, transfer.object(), 0, Long.MAX_VALUE);
            }
        }
        previous = graph;
    }

    @Override
    public boolean copyToHost(ImmutableTaskGraph graph, Object array, long offset, long bytes) {
        Map<Object, TornadoNativeArray> own = copies.get(graph);
        TornadoNativeArray copy = own == null ? null : own.get(array);
        if (copy == null) {
            return false;
        }
        MemorySegment to = CollectionViews.array(array).getSegment();
        MemorySegment.copy(copy.getSegment(), offset, to, offset, Math.min(bytes, to.byteSize() - offset));
        return true;
    }

    private static TornadoNativeArray garbage(TornadoNativeArray like) {
        TornadoNativeArray copy = ArrayViews.likewise(like);
        if (copy instanceof FloatArray floats) {
            floats.init(Float.NaN);
        } else if (copy instanceof DoubleArray doubles) {
            doubles.init(Double.NaN);
        } else if (copy instanceof HalfFloatArray halves) {
            halves.init(new HalfFloat(Float.NaN));
        } else {
            copy.getSegment().fill(GARBAGE);
        }
        return copy;
    }
}
