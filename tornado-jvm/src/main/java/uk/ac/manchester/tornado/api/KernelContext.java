package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * What a kernel knows of its place in the grid, with the group's local memory and its barrier.
 *
 * <p>An instance that is passed to a task stands for the context; each work-item is given one of its own with the fields
 * set. They are boxed because TornadoVM's are.
 */
public class KernelContext {
    public Integer globalIdx = 0;
    public Integer globalIdy = 0;
    public Integer globalIdz = 0;
    public Integer groupIdx = 0;
    public Integer groupIdy = 0;
    public Integer groupIdz = 0;
    public Integer localIdx = 0;
    public Integer localIdy = 0;
    public Integer localIdz = 0;
    public Integer globalGroupSizeX = 0;
    public Integer globalGroupSizeY = 0;
    public Integer globalGroupSizeZ = 0;
    public Integer localGroupSizeX = 0;
    public Integer localGroupSizeY = 0;
    public Integer localGroupSizeZ = 0;

    private final WorkGroup group;
    private int localArrays;

    public KernelContext() {
        this(null);
    }

    KernelContext(WorkGroup group) {
        this.group = group;
    }

    /** Waits until every work-item of the group is here. */
    public void localBarrier() {
        group().barrier();
    }

    /** The same as {@link #localBarrier()}: no device orders whole groups. */
    public void globalBarrier() {
        group().barrier();
    }

    public int[] allocateIntLocalArray(int size) {
        return group().localArray(localArrays++, int[].class, size);
    }

    public long[] allocateLongLocalArray(int size) {
        return group().localArray(localArrays++, long[].class, size);
    }

    public float[] allocateFloatLocalArray(int size) {
        return group().localArray(localArrays++, float[].class, size);
    }

    public double[] allocateDoubleLocalArray(int size) {
        return group().localArray(localArrays++, double[].class, size);
    }

    public byte[] allocateByteLocalArray(int size) {
        return group().localArray(localArrays++, byte[].class, size);
    }

    /** Adds to an element; safe against the other work-items. */
    public void atomicAdd(IntArray array, int index, int val) {
        synchronized (array) {
            array.set(index, array.get(index) + val);
        }
    }

    /** Adds to an element; safe against the other work-items. */
    public void atomicAdd(LongArray array, int index, long val) {
        synchronized (array) {
            array.set(index, array.get(index) + val);
        }
    }

    /** Adds to an element of local memory; right here, while an OpenCL device ignores the index. */
    public void atomicAdd(int[] array, int index, int val) {
        synchronized (array) {
            array[index] += val;
        }
    }

    /** Adds to an element; only here and on CUDA devices. */
    public void atomicAdd(FloatArray array, int index, float val) {
        synchronized (array) {
            array.set(index, array.get(index) + val);
        }
    }

    private WorkGroup group() {
        if (group == null) {
            throw new IllegalStateException(
                    "a kernel with a KernelContext runs as a task with a grid, not by a plain call");
        }
        return group;
    }
}
