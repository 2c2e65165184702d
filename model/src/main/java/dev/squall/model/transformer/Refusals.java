package dev.squall.model.transformer;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.squall.attention.KvCache;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.KvType;
import dev.squall.kernels.Weight;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Norm;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.tornado.LargeMemory;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Models that a {@link Transformer} refuses before it reads anything of them. */
final class Refusals {
    private static final String COPIES = "-XX:MaxDirectMemorySize, for the copies of this process";

    private Refusals() {}

    /** What no set of kernels can do yet. */
    static void unsupported(ModelSpec spec) {
        for (LayerSpec layer : spec.layers()) {
            refuse(spec.encoder() == null && layer.attention().rope() == null, "learned positions in a decoder");
            boolean bare = layer.attentionNorm() == null || layer.feedForwardNorm() == null;
            refuse(bare && layer.placement() == Placement.AFTER, "norms after the blocks of which some are missing");
            NormSpec ofHeads = layer.attention().queryKeyNorm();
            refuse(ofHeads != null && ofHeads.kind() != Norm.RMS, "a norm of heads " + ofHeads);
        }
        refuse(spec.finalNorm() != null && spec.finalNorm().kind() != Norm.RMS, "a final norm " + spec.finalNorm());
    }

    /**
     * What a device cannot do, or has no memory for, before anything is read.
     *
     * @param compressed bytes of what sparse attention keeps beside the cache
     */
    static void onDevice(Device device, ModelSpec spec, Checkpoint checkpoint, KvCache.Shape shape, long compressed) {
        long rotations = spec.layers().stream()
                .map(layer -> layer.attention().rope())
                .distinct()
                .count();
        refuse(rotations > 1, "different rotary embeddings on a device");
        long weights = checkpoint.tensors().values().stream()
                .mapToLong(tensor -> checkpoint.data(tensor).byteSize())
                .sum();
        long cache = shape.bytes() + compressed;
        enough("device " + device.label(), device.memory(), weights, cache, shape.type());
        enough(COPIES, directMemory(), weights, cache, shape.type());
    }

    /** A draft that a device has no memory for beside its model; it has the model's embedding and head a second time. */
    static void draftOnDevice(Checkpoint draft, Transformer target, KvCache.Shape shape) {
        long weights = draft.tensors().values().stream()
                .mapToLong(tensor -> draft.data(tensor).byteSize())
                .sum();
        long shared = bytes(target.embedding()) + bytes(target.head());
        long all = target.onDevice().bytes() + weights + shared;
        Device device = target.onDevice().device;
        String holder = "draft beside its model on device " + device.label();
        enough(holder, device.memory(), all, shape.bytes(), shape.type());
        enough(COPIES, directMemory(), all, shape.bytes(), shape.type());
    }

    private static long bytes(Weight weight) {
        return weight.data().getSegment().byteSize();
    }

    /**
     * @param holder what the memory belongs to
     * @param memory its bytes
     * @param type of the cache
     * @throws IllegalArgumentException if they are fewer than the weights' and the cache's
     */
    static void enough(String holder, long memory, long weights, long cache, KvType type) {
        if (weights + cache > memory) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s: found %.2f GB of memory, expected at least %.2f GB: weights of %.2f GB and a key/value "
                            + "cache in %s of %.2f GB; a shorter context%s or fewer sequences need less",
                    holder,
                    memory / 1e9,
                    (weights + cache) / 1e9,
                    weights / 1e9,
                    type,
                    cache / 1e9,
                    type == KvType.F32 ? ", a cache in F16" : ""));
        }
    }

    /**
     * A key/value cache that this machine has no memory for; what it takes is said before it is allocated.
     *
     * @param compressed bytes of what sparse attention keeps beside it
     */
    static void onJvm(KvCache.Shape shape, long compressed) {
        System.getLogger(Refusals.class.getName())
                .log(
                        System.Logger.Level.DEBUG,
                        String.format(
                                Locale.ROOT,
                                "key/value cache in %s of %d sequences of %d tokens: %.2f GB, compressed keys %.2f GB",
                                shape.type(),
                                shape.maxSequences(),
                                shape.maxLength(),
                                shape.bytes() / 1e9,
                                compressed / 1e9));
        if (LargeMemory.isPermitted()) {
            memory(shape, compressed, LargeMemory.ofMachine(), "");
        } else {
            String more =
                    "; --enable-native-access=ALL-UNNAMED, or a larger -XX:MaxDirectMemorySize, gives this process more";
            memory(shape, compressed, Math.min(directMemory(), LargeMemory.ofMachine()), more);
        }
    }

    /** @param more how the process could have more memory */
    static void memory(KvCache.Shape shape, long compressed, long bytes, String more) {
        long expected = shape.bytes() + compressed;
        if (expected > bytes) {
            long length = (long) ((double) shape.maxLength() * bytes / expected);
            long halved = shape.withType(KvType.F16).bytes() + compressed;
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "memory: found %.2f GB, expected at least %.2f GB for the key/value cache in %s%s of %d sequences of "
                            + "%d tokens; a context of at most %d tokens, %sor fewer sequences, would fit%s",
                    bytes / 1e9,
                    expected / 1e9,
                    shape.type(),
                    compressed > 0 ? " and the compressed keys" : "",
                    shape.maxSequences(),
                    shape.maxLength(),
                    length,
                    halved < expected ? halved(halved, bytes) : "",
                    more));
        }
    }

    private static String halved(long expected, long bytes) {
        return String.format(
                Locale.ROOT,
                "a cache in F16 (%.2f GB%s), ",
                expected / 1e9,
                expected > bytes ? ", with a shorter context" : "");
    }

    /** The bytes that arrays outside of the Java heap may have; where no limit is set, it is the heap's. */
    static long directMemory() {
        long limit = Long.parseLong(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
        return limit > 0 ? limit : Runtime.getRuntime().maxMemory();
    }

    /** Options of sparse attention that a model cannot follow. */
    static void sparse(ModelSpec spec, TransformerOptions options) {
        if (options.sparse() == null) {
            return;
        }
        if (options.pageSize() != options.sparse().blockSize()) {
            throw new IllegalArgumentException("pageSize: found " + options.pageSize() + ", expected "
                    + options.sparse().blockSize() + ", the block of sparse attention");
        }
        spec.layers()
                .forEach(layer ->
                        refuse(layer.attention().slidingWindow() > 0, "a sliding window and sparse attention"));
    }

    private static void refuse(boolean unsupported, String what) {
        if (unsupported) {
            throw new UnsupportedOperationException("layers with " + what + " are not supported");
        }
    }
}
