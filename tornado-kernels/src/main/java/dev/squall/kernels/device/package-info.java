/**
 * Kernels for devices that TornadoVM compiles for, with a {@link uk.ac.manchester.tornado.api.KernelContext}.
 *
 * <p>A kernel is a task with a grid. A layer of a transformer is six of them, because each costs some 60 microseconds on an
 * OpenCL CPU:
 *
 * <pre>
 *  1  normed      x, scaled --query, key and value in one matrix--> qkv [R, (heads + 2 kvHeads) headDim]
 *  2  rotate      qkv --(head norms), rotary embedding--> query; key and value --> cache
 *  3  attend      query, cache --> attended [R, heads, headDim]
 *  4  residual    x += attended times output matrix; scaled = x times the next norm's weight
 *  5  siluGate    x, scaled --gate and up in one matrix--> gate [R, hidden]
 *  6  residual    x += gate times down matrix; scaled = x times the next norm's weight
 * </pre>
 *
 * <p>Where attention is sparse, a seventh task, {@link dev.squall.kernels.device.BlockSelection}, stands before the third one,
 * which then attends to the blocks that it has chosen.
 *
 * <p>There is no task for the norms. An RMSNorm is an element-wise weight and a factor a row, and the factor can be applied
 * after a product as well as before: so what writes the stream x also writes {@code scaled}, x times the weight of the norm
 * that comes next, and a product of it multiplies its sums by the row's factor.
 *
 * <p>Dot products are summed as {@link dev.squall.kernels.Lanes} says, with sixteen lanes in two vectors of eight, so that
 * their bits are those of the {@code reference} set, whatever the number of rows. A scalar argument is a constant that the
 * device's compiler sees; what changes from step to step is in an array.
 */
package dev.squall.kernels.device;
