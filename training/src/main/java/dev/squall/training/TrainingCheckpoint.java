package dev.squall.training;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The state of a run in one file: where it stands, every parameter and both of its moments, to the bit.
 *
 * <pre>
 *   "SQTR" · version · seed · step · best loss · evaluations since · count
 *   count x (name · rows · width)
 *   the values of all parameters, then m and v of each, as little-endian floats
 * </pre>
 *
 * A file is written beside the old one and takes its place when it is whole.
 */
public final class TrainingCheckpoint {
    private static final int MAGIC = 0x53515452;
    private static final int VERSION = 1;

    /**
     * Where a run stands.
     *
     * @param seed what tells the run from others
     * @param step optimiser steps that were made
     * @param best the best score so far: of a Trainer the loss on the held-out text, infinite before the first
     * @param since measurements since then
     */
    public record Progress(long seed, int step, double best, int since) {
        /** @throws TrainingException if the run is another one */
        public Progress requireSeed(Path file, long expected) {
            require(file, "run", hex(seed), hex(expected));
            return this;
        }
    }

    private TrainingCheckpoint() {}

    /** Writes the state of a run. */
    public static void write(Path file, Progress progress, Map<String, Tensor> parameters, AdamW optimiser)
            throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(beside)))) {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeLong(progress.seed);
            out.writeInt(progress.step);
            out.writeDouble(progress.best);
            out.writeInt(progress.since);
            out.writeInt(parameters.size());
            for (Tensor each : parameters.values()) {
                out.writeUTF(each.name());
                out.writeInt(each.rows());
                out.writeInt(each.width());
            }
        }
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            for (FloatArray array : arrays(parameters, optimiser)) {
                ByteBuffer bytes = ByteBuffer.allocate(array.getSize() * 4).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(array.toHeapArray());
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Takes a run's state back.
     *
     * @throws TrainingException if the file is of another model or not whole
     */
    public static Progress read(Path file, Map<String, Tensor> parameters, AdamW optimiser) throws IOException {
        long size = Files.size(file);
        try (DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(file)))) {
            require(file, "beginning", size < 40 ? "a file of " + size + " bytes" : hex(in.readInt()), hex(MAGIC));
            require(file, "version", in.readInt(), VERSION);
            Progress progress = new Progress(in.readLong(), in.readInt(), in.readDouble(), in.readInt());
            require(file, "number of parameters", in.readInt(), parameters.size());
            for (Tensor each : parameters.values()) {
                String found = in.readUTF() + " [" + in.readInt() + ", " + in.readInt() + "]";
                require(file, "parameter", found, each.name() + " [" + each.rows() + ", " + each.width() + "]");
            }
            List<FloatArray> arrays = arrays(parameters, optimiser);
            long floats = arrays.stream().mapToLong(FloatArray::getSize).sum();
            require(file, "bytes of numbers", size - header(parameters), 4 * floats);
            for (FloatArray array : arrays) {
                byte[] bytes = in.readNBytes(4 * array.getSize());
                float[] values = new float[array.getSize()];
                ByteBuffer.wrap(bytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .get(values);
                for (int i = 0; i < values.length; i++) {
                    array.set(i, values[i]);
                }
            }
            optimiser.resume(progress.step);
            return progress;
        } catch (java.io.EOFException e) {
            throw new TrainingException(file + ": found an end in its header, expected a whole checkpoint", e);
        }
    }

    private static long header(Map<String, Tensor> parameters) {
        long bytes = 4 + 4 + 8 + 4 + 8 + 4 + 4;
        for (Tensor each : parameters.values()) {
            bytes += 2 + each.name().length() + 8; // names are ASCII
        }
        return bytes;
    }

    private static List<FloatArray> arrays(Map<String, Tensor> parameters, AdamW optimiser) {
        List<FloatArray> arrays = new ArrayList<>();
        parameters.values().forEach(each -> arrays.add(each.value()));
        arrays.addAll(optimiser.state());
        return arrays;
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    private static void require(Path file, String field, Object found, Object expected) {
        if (!found.equals(expected)) {
            throw new TrainingException(file + ": " + field + ": found " + found + ", expected " + expected);
        }
    }
}
