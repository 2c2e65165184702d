package dev.squall.model.format;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the names in a pickle of PyTorch's mean: storages of numbers, tensors that are views of them, and ordered dictionaries. */
final class PyTorchObjects implements Pickle.Reader {
    private static final String DICTIONARY = "collections.OrderedDict";
    private static final String TENSOR = "torch._utils._rebuild_tensor_v2";

    /** Numbers in the file, of which tensors are views. */
    static final class Storage {
        final TensorType type;
        final String key;
        final long elements;
        long offset = -1; // in the file

        Storage(TensorType type, String key, long elements) {
            this.type = type;
            this.key = key;
            this.elements = elements;
        }
    }

    /** A view: element i0, i1, ... is that of the storage at {@code offset + i0 * strides[0] + i1 * strides[1] + ...}. */
    record View(Storage storage, long offset, long[] shape, long[] strides) {
        boolean contiguous() {
            long expected = 1;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                if (shape[axis] != 1 && strides[axis] != expected) {
                    return false;
                }
                expected *= shape[axis];
            }
            return true;
        }
    }

    private final Path path;
    private final Map<String, Storage> storages = new LinkedHashMap<>();

    PyTorchObjects(Path path) {
        this.path = path;
    }

    /** The storages that were named, by key. */
    Map<String, Storage> storages() {
        return Collections.unmodifiableMap(storages);
    }

    @Override
    public Object global(String name) {
        return switch (name) {
            case DICTIONARY, TENSOR -> name;
            default -> storageType(name);
        };
    }

    @Override
    public Object call(Object global, List<?> arguments) {
        if (DICTIONARY.equals(global)) {
            return arguments.isEmpty() ? new LinkedHashMap<>() : null;
        }
        return TENSOR.equals(global) ? view(arguments) : null;
    }

    /** The tuple ('storage', type, key, place, elements), in the older form with one more for views. */
    @Override
    public Object persistent(Object id) {
        if (!(id instanceof List<?> parts)
                || parts.size() < 5
                || !"storage".equals(parts.get(0))
                || !(parts.get(1) instanceof TensorType type)
                || !(parts.get(2) instanceof String key)
                || parts.size() > 5 && parts.get(5) != Pickle.NONE) {
            return null;
        }
        Storage storage = new Storage(type, key, count("storage " + key, parts.get(4)));
        Storage before = storages.putIfAbsent(key, storage);
        if (before != null && (before.type != type || before.elements != storage.elements)) {
            throw wrong("storage " + key, "it in two types or sizes", "one");
        }
        return before == null ? storage : before;
    }

    /** The arguments storage, offset, shape, strides, and more that concern gradients. */
    private View view(List<?> arguments) {
        if (arguments.size() < 4
                || !(arguments.get(0) instanceof Storage storage)
                || !(arguments.get(2) instanceof List<?> shape)
                || !(arguments.get(3) instanceof List<?> strides)
                || shape.size() != strides.size()
                || shape.size() > 16) {
            return null;
        }
        return new View(storage, count("tensor", arguments.get(1)), counts(shape), counts(strides));
    }

    private long[] counts(List<?> values) {
        return values.stream().mapToLong(value -> count("tensor", value)).toArray();
    }

    private long count(String field, Object value) {
        if (!(value instanceof BigInteger number) || number.signum() < 0 || number.bitLength() > 62) {
            throw wrong(field, "another size", "an integer from 0 that fits into 62 bits");
        }
        return number.longValue();
    }

    private static TensorType storageType(String name) {
        return switch (name) {
            case "torch.DoubleStorage" -> TensorType.F64;
            case "torch.FloatStorage" -> TensorType.F32;
            case "torch.HalfStorage" -> TensorType.F16;
            case "torch.BFloat16Storage" -> TensorType.BF16;
            case "torch.LongStorage" -> TensorType.I64;
            case "torch.IntStorage" -> TensorType.I32;
            case "torch.ShortStorage" -> TensorType.I16;
            case "torch.CharStorage", "torch.ByteStorage", "torch.BoolStorage" -> TensorType.I8;
            default -> null;
        };
    }

    private ModelFileException wrong(String field, String found, String expected) {
        return new ModelFileException(path, field, found, expected);
    }
}
