package dev.squall.kernels;

import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.device.ProductTasks;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The device set: fused kernels, in the way that suits the device. The way depends on the device only, never on the number
 * of rows, so that the numbers of a row are the same in every batch.
 *
 * @param groups whether work-items share the work of a weight row, for GPUs, or a work-item does several rows, for CPUs
 */
public record DeviceKernels(boolean groups) implements Kernels {
    /** Those that suit a device. */
    public static DeviceKernels of(Device device) {
        return new DeviceKernels(device.type().equals("GPU"));
    }

    @Override
    public String name() {
        return groups ? "device, work-groups" : "device, vectors";
    }

    /** The products with matrices of a type and a width. */
    public ProductTasks<TornadoNativeArray> products(WeightType type, int cols) {
        return groups || cols % ProductTasks.VECTOR_COLS != 0 ? ProductTasks.groups(type) : ProductTasks.vectors(type);
    }

    /** A grid of at least so many work-items that share nothing; kernels pass over those beyond. */
    public WorkerGrid1D items(long items) {
        WorkerGrid1D grid = new WorkerGrid1D(local());
        grid.setLocalWork(local(), 1, 1);
        resize(grid, items);
        return grid;
    }

    /** Gives a grid of {@link #items} another size. */
    public void resize(WorkerGrid1D grid, long items) {
        grid.setGlobalWork(Math.ceilDiv(items, (long) local()) * local(), 1, 1);
    }

    private int local() {
        return groups ? 64 : 16;
    }

    @Override
    public String toString() {
        return name();
    }
}
