package dev.squall.model.format;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads data that Python pickled, and nothing else: a pickle is a program for a small stack machine, and this one knows lists,
 * tuples, dictionaries, numbers, strings and the few names that its reader allows. Any other instruction or name is refused, so
 * that no file can make it do anything.
 *
 * <p>What it makes: {@link List} of lists and tuples, {@link LinkedHashMap} of dictionaries, {@link BigInteger} of integers,
 * Boolean, Double, String, {@link #NONE}, and what the {@link Reader} makes of names. It takes memory in proportion to the
 * pickle's bytes. Source: the descriptions of the opcodes in Python's pickletools, protocol 2.
 */
final class Pickle {
    /** Python's None. */
    static final Object NONE = new Object() {
        @Override
        public String toString() {
            return "None";
        }
    };

    /** What names and references mean to the one who reads. */
    interface Reader {
        /** A class or function, {@code module.name}; null if it is refused. */
        Object global(String name);

        /** A call of one of them; null if it is refused. */
        Object call(Object global, List<?> arguments);

        /** Something outside of the pickle; null if it is refused. */
        Object persistent(Object id);
    }

    private final Path file;
    private final Cursor cursor;
    private final Reader reader;
    private final Map<Integer, Object> memo = new HashMap<>();
    private final Deque<List<Object>> below = new ArrayDeque<>(); // stacks under the marks
    private List<Object> stack = new ArrayList<>();

    private Pickle(Path file, Cursor cursor, Reader reader) {
        this.file = file;
        this.cursor = cursor;
        this.reader = reader;
    }

    /**
     * Reads one pickle, and leaves the cursor behind it.
     *
     * @throws ModelFileException if it is malformed, or says more than is allowed
     */
    static Object read(Path file, Cursor cursor, Reader reader) {
        return new Pickle(file, cursor, reader).run();
    }

    private Object run() {
        while (true) {
            int opcode = cursor.int8("pickle") & 0xff;
            switch (opcode) {
                case 0x80 -> version(cursor.int8("pickle"));
                case '.' -> {
                    Object result = pop();
                    if (!stack.isEmpty() || !below.isEmpty()) {
                        throw wrong("an end with " + stack.size() + " values left", "one value");
                    }
                    return result;
                }
                case '(' -> {
                    below.push(stack);
                    stack = new ArrayList<>();
                }
                case 'N' -> stack.add(NONE);
                case 0x88 -> stack.add(true);
                case 0x89 -> stack.add(false);
                case 'K' -> integer(cursor.int8("pickle") & 0xff);
                case 'M' -> integer(cursor.int16("pickle") & 0xffff);
                case 'J' -> integer(cursor.int32("pickle"));
                case 0x8a -> stack.add(big(cursor.int8("pickle") & 0xff));
                case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(cursor.int64("pickle"))));
                case 'X' -> stack.add(text(cursor.int32("pickle")));
                case ']' -> stack.add(new ArrayList<>());
                case '}' -> stack.add(new LinkedHashMap<>());
                case ')' -> stack.add(List.of());
                case 't' -> replace(aboveMark());
                case 0x85 -> replace(last(1));
                case 0x86 -> replace(last(2));
                case 0x87 -> replace(last(3));
                case 'a' -> append(last(1));
                case 'e' -> append(aboveMark());
                case 's' -> set(last(2));
                case 'u' -> set(aboveMark());
                case 'q' -> memo.put(cursor.int8("pickle") & 0xff, top());
                case 'r' -> memo.put(cursor.int32("pickle"), top());
                case 'h' -> stack.add(remembered(cursor.int8("pickle") & 0xff));
                case 'j' -> stack.add(remembered(cursor.int32("pickle")));
                case 'c' -> global(line() + "." + line());
                case 'R' -> call();
                case 'b' -> build();
                case 'Q' -> persistent(pop());
                default ->
                    throw wrong(
                            String.format("opcode 0x%02x", opcode), "an opcode of protocol 2 that plain data needs");
            }
        }
    }

    private void version(int version) {
        if (version != 2) {
            throw wrong("protocol " + version, "protocol 2");
        }
    }

    private void integer(int value) {
        stack.add(BigInteger.valueOf(value));
    }

    private BigInteger big(int size) {
        byte[] bytes = new byte[size]; // at most 255, most significant first
        for (int i = size - 1; i >= 0; i--) {
            bytes[i] = cursor.int8("pickle");
        }
        return size == 0 ? BigInteger.ZERO : new BigInteger(bytes);
    }

    private String text(int size) {
        return new String(cursor.bytes("pickle", Integer.toUnsignedLong(size)), StandardCharsets.UTF_8);
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (byte next = cursor.int8("pickle"); next != '\n'; next = cursor.int8("pickle")) {
            line.append((char) (next & 0xff));
        }
        return line.toString();
    }

    // ---- the stack

    private Object top() {
        if (stack.isEmpty()) {
            throw wrong("an empty stack", "a value");
        }
        return stack.getLast();
    }

    private Object pop() {
        Object value = top();
        stack.removeLast();
        return value;
    }

    /** Takes the last values off the stack, the lowest first. */
    private List<Object> last(int count) {
        if (stack.size() < count) {
            throw wrong(stack.size() + " values on the stack", count + " values");
        }
        List<Object> tail = stack.subList(stack.size() - count, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private List<Object> aboveMark() {
        if (below.isEmpty()) {
            throw wrong("no mark", "one below the values");
        }
        List<Object> values = stack;
        stack = below.pop();
        return values;
    }

    private void replace(List<Object> values) {
        stack.add(Collections.unmodifiableList(values));
    }

    private Object remembered(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw wrong("nothing remembered as " + index, "a value that was remembered");
        }
        return value;
    }

    // ---- containers

    @SuppressWarnings("unchecked")
    private void append(List<Object> values) {
        if (!(top() instanceof ArrayList<?> list)) {
            throw wrong("something else", "a list to append to");
        }
        ((ArrayList<Object>) list).addAll(values);
    }

    @SuppressWarnings("unchecked")
    private void set(List<Object> pairs) {
        if (!(top() instanceof LinkedHashMap<?, ?> map) || pairs.size() % 2 != 0) {
            throw wrong("no dictionary, or a key without a value", "pairs for a dictionary");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            Object key = pairs.get(i);
            if (!(key instanceof String) && !(key instanceof BigInteger)) {
                throw wrong("a key of another type", "a string or an integer");
            }
            ((LinkedHashMap<Object, Object>) map).put(key, pairs.get(i + 1));
        }
    }

    // ---- what the reader knows

    private void global(String name) {
        Object meaning = reader.global(name);
        if (meaning == null) {
            throw wrong("the name " + name, "tensors, their storages, and collections.OrderedDict");
        }
        stack.add(meaning);
    }

    private void call() {
        List<Object> parts = last(2);
        Object result = parts.get(1) instanceof List<?> arguments ? reader.call(parts.get(0), arguments) : null;
        if (result == null) {
            throw wrong("a call with other arguments", "a tensor or an empty OrderedDict to be made");
        }
        stack.add(result);
    }

    /** Attributes of a dictionary (PyTorch notes versions of modules there) are nothing that data needs. */
    private void build() {
        pop();
        if (!(top() instanceof LinkedHashMap)) {
            throw wrong("attributes of something else", "those of a dictionary");
        }
    }

    private void persistent(Object id) {
        Object value = reader.persistent(id);
        if (value == null) {
            throw wrong("a reference of another kind", "('storage', type, key, place, elements)");
        }
        stack.add(value);
    }

    private ModelFileException wrong(String found, String expected) {
        return new ModelFileException(file, "pickle at byte " + cursor.position(), found, expected);
    }
}
