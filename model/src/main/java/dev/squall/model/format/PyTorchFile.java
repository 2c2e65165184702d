package dev.squall.model.format;

import dev.squall.model.format.PyTorchObjects.Storage;
import dev.squall.model.format.PyTorchObjects.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code torch.save} writes (.bin, .pt): a pickle of names and tensors, whose numbers lie beside it in storages that
 * tensors may share.
 *
 * <p>Two forms are read: the zip file of today, with members {@code data.pkl} and {@code data/KEY}, and the older file of five
 * pickles (a magic number, the protocol, properties of the machine, the object, the storages' keys) with the storages behind.
 * The pickle is read as {@link Pickle} says, so that nothing in the file is ever executed. A tensor that is no contiguous part
 * of its storage is copied when it is asked for, within the arena.
 */
public final class PyTorchFile implements TensorFile {
    /** Bound on a pickle: far more than the names of any model take. */
    private static final long LARGEST_PICKLE = 100_000_000;

    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final BigInteger PROTOCOL = BigInteger.valueOf(1001);

    private final Path path;
    private final Arena arena;
    private final MappedFile file;
    private final PyTorchObjects objects;
    private final Object root;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, View> strided = new HashMap<>();
    private final Map<String, MemorySegment> copies = new HashMap<>();

    /** Opens a file whose object is anything that may be read. */
    private PyTorchFile(Path path, Arena arena) {
        this.path = path;
        this.arena = arena;
        this.file = MappedFile.open(path, arena);
        this.objects = new PyTorchObjects(path);
        this.root = StoredZip.is(file) ? zip() : legacy();
    }

    /**
     * Opens the weights of a model, which are a dictionary of names and tensors.
     *
     * @throws ModelFileException if it is malformed, says more than plain data, or a tensor does not lie within its storage
     */
    static PyTorchFile weights(Path path, Arena arena) {
        PyTorchFile file = new PyTorchFile(path, arena);
        if (!(file.root instanceof Map<?, ?> map)) {
            throw file.wrong("object", "something else", "a dictionary of names and tensors");
        }
        map.forEach((key, value) -> {
            if (!(key instanceof String name) || !(value instanceof View view)) {
                throw file.wrong("entry " + key, "something else", "a name and a tensor");
            }
            file.add(name, view);
        });
        return file;
    }

    /**
     * Reads a list of integers, such as {@code freq_32768.pt}: a Python list of them, or a tensor of one dimension.
     *
     * @throws ModelFileException if it is something else, or an integer has more than 32 bits
     */
    public static int[] integers(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            PyTorchFile file = new PyTorchFile(path, arena);
            return file.root instanceof View view ? file.integers(view) : file.integers(file.root);
        }
    }

    private int[] integers(Object object) {
        if (!(object instanceof List<?> list)) {
            throw wrong("object", "something else", "a list of integers");
        }
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            if (!(list.get(i) instanceof BigInteger value) || value.bitLength() > 31) {
                throw wrong("element " + i, "something else", "an integer of 32 bits");
            }
            values[i] = value.intValue();
        }
        return values;
    }

    private int[] integers(View view) {
        TensorType type = view.storage().type;
        if (view.shape().length != 1 || type != TensorType.I64 && type != TensorType.I32) {
            throw wrong(
                    "object", "a tensor of " + view.shape().length + " dimensions of " + type, "a list of integers");
        }
        add("list", view);
        TensorInfo info = tensors.get("list");
        MemorySegment bytes = data(info);
        int[] values = new int[Math.toIntExact(info.elements())]; // which are no more than the file holds
        for (int i = 0; i < values.length; i++) {
            long value = type == TensorType.I64 ? bytes.get(Cursor.LONG, 8L * i) : bytes.get(Cursor.INT, 4L * i);
            if (value != (int) value) {
                throw wrong("element " + i, Long.toString(value), "an integer of 32 bits");
            }
            values[i] = (int) value;
        }
        return values;
    }

    // ---- the two forms

    private Object zip() {
        Map<String, StoredZip.Member> members = StoredZip.members(file);
        String pickle = members.keySet().stream()
                .filter(name -> name.endsWith("/data.pkl"))
                .findFirst()
                .orElseThrow(() -> wrong("zip", "no member data.pkl", "a file that torch.save wrote"));
        String folder = pickle.substring(0, pickle.length() - "data.pkl".length());
        StoredZip.Member order = members.get(folder + "byteorder");
        if (order != null && !text(order).equals("little")) {
            throw wrong("byteorder", text(order), "little");
        }
        StoredZip.Member program = members.get(pickle);
        Object object = pickle(new Cursor(
                path, file.bytes().asSlice(0, program.offset() + bounded(program.size())), program.offset()));
        objects.storages().forEach((key, storage) -> {
            StoredZip.Member data = members.get(folder + "data/" + key);
            place(storage, data == null ? -1 : data.offset(), data == null ? 0 : data.size());
        });
        return object;
    }

    private Object legacy() {
        Cursor cursor = new Cursor(path, file.bytes().asSlice(0, Math.min(file.size(), LARGEST_PICKLE)), 0);
        if (file.size() < 2 || file.bytes().get(Cursor.SHORT, 0) != (short) 0x0280 || !MAGIC.equals(pickle(cursor))) {
            throw wrong("file", "another magic number", "a file that torch.save wrote");
        }
        if (!PROTOCOL.equals(pickle(cursor))) {
            throw wrong("protocol", "another one", PROTOCOL.toString());
        }
        if (pickle(cursor) instanceof Map<?, ?> machine && Boolean.FALSE.equals(machine.get("little_endian"))) {
            throw wrong("little_endian", "false", "true");
        }
        Object object = pickle(cursor);
        if (!(pickle(cursor) instanceof List<?> keys)) {
            throw wrong("storages", "something else", "a list of their keys");
        }
        Cursor data = new Cursor(path, file.bytes(), cursor.position());
        for (Object key : keys) {
            Storage storage = key instanceof String name ? objects.storages().get(name) : null;
            if (storage == null) {
                throw wrong("storages", "another key", "keys that tensors name");
            }
            long elements = data.int64("storage " + key);
            if (elements != storage.elements) {
                throw wrong("storage " + key, elements + " elements", storage.elements + " elements");
            }
            place(storage, data.position(), data.remaining());
            data.skip("storage " + key, storage.elements * storage.type.blockBytes());
        }
        for (Storage storage : objects.storages().values()) {
            if (storage.offset < 0) {
                throw wrong("storage " + storage.key, "no data", "its key in the list of storages");
            }
        }
        return object;
    }

    private long bounded(long size) {
        if (size > LARGEST_PICKLE) {
            throw wrong("data.pkl", size + " bytes", "at most " + LARGEST_PICKLE);
        }
        return size;
    }

    private String text(StoredZip.Member member) {
        return new String(
                new Cursor(path, file.bytes(), member.offset()).bytes("byteorder", Math.min(16, member.size())),
                StandardCharsets.US_ASCII);
    }

    private void place(Storage storage, long offset, long size) {
        if (offset < 0 || storage.elements > size / storage.type.blockBytes()) {
            throw wrong(
                    "storage " + storage.key,
                    offset < 0 ? "no data" : size + " bytes",
                    storage.elements + " elements of " + storage.type);
        }
        storage.offset = offset;
    }

    private Object pickle(Cursor cursor) {
        return Pickle.read(path, cursor, objects);
    }

    // ---- tensors

    private void add(String name, View view) {
        Storage storage = view.storage();
        String field = "tensor " + name;
        int width = storage.type.blockBytes();
        long last = view.offset(); // element of the storage
        for (int axis = 0; axis < view.shape().length; axis++) {
            long steps = view.shape()[axis] - 1;
            if (steps < 0 || view.strides()[axis] > 0 && steps > (storage.elements - last) / view.strides()[axis]) {
                throw wrong(field, "a view beyond its storage", "one within its " + storage.elements + " elements");
            }
            last += steps * view.strides()[axis];
        }
        if (last >= storage.elements) {
            throw wrong(field, "element " + last, "one within its storage's " + storage.elements);
        }
        long begin = storage.offset + (view.contiguous() ? view.offset() * width : 0);
        TensorInfo info = TensorInfo.checked(name, storage.type, view.shape(), path, begin, file.size());
        if (info.byteSize() > storage.elements * width) {
            throw wrong(field, "a view that repeats elements", "at most its storage's " + storage.elements);
        }
        tensors.put(name, info);
        if (!view.contiguous()) {
            strided.put(name, view);
        }
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public synchronized MemorySegment data(TensorInfo tensor) {
        View view = strided.get(tensor.name());
        if (view == null) {
            return file.slice("tensor " + tensor.name(), tensor.offset(), tensor.byteSize());
        }
        return copies.computeIfAbsent(tensor.name(), name -> copy(view, tensors.get(name)))
                .asSlice(tensor.offset() - view.storage().offset, tensor.byteSize());
    }

    private MemorySegment copy(View view, TensorInfo info) {
        int width = info.type().blockBytes();
        Storage storage = view.storage();
        MemorySegment from = file.slice("tensor " + info.name(), storage.offset, storage.elements * width);
        MemorySegment to = arena.allocate(info.byteSize(), Long.BYTES);
        long[] index = new long[view.shape().length];
        long element = view.offset();
        for (long at = 0; at < info.byteSize(); at += width) {
            MemorySegment.copy(from, element * width, to, at, width);
            for (int axis = index.length - 1; axis >= 0; axis--) {
                element += view.strides()[axis];
                if (++index[axis] < view.shape()[axis]) {
                    break;
                }
                element -= index[axis] * view.strides()[axis];
                index[axis] = 0;
            }
        }
        return to;
    }

    private ModelFileException wrong(String field, String found, String expected) {
        return new ModelFileException(path, field, found, expected);
    }
}
