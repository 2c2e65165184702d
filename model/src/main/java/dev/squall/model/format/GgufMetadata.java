package dev.squall.model.format;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The key-value part of a GGUF file. Arrays stay in the file until somebody asks for them. */
public final class GgufMetadata {
    static final int ARRAY = 9;
    private static final int STRING = 8;
    private static final String[] TYPES = {
        "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string", "array", "uint64", "int64",
        "float64"
    };
    private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    /** A string has a length of 8 bytes, an array a type and a length. */
    private static final int[] SMALLEST = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

    private static final int DEEPEST = 4;

    private final Path file;
    private final MemorySegment bytes;
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** An array that was not read yet. */
    private record LazyArray(int type, int count, long offset) {
        @Override
        public String toString() {
            return "an array of " + count + " " + TYPES[type];
        }
    }

    GgufMetadata(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** Reads one key and its value. */
    void read(Cursor cursor, long index) {
        String key = cursor.string("key " + index);
        if (values.containsKey(key)) {
            throw new ModelFileException(file, key, "the key twice", "it once");
        }
        values.put(key, value(cursor, key, type(cursor, key)));
    }

    private int type(Cursor cursor, String key) {
        int type = cursor.int32(key);
        if (type < 0 || type >= TYPES.length) {
            throw new ModelFileException(file, key, "value type " + type, "0 to " + (TYPES.length - 1));
        }
        return type;
    }

    private Object value(Cursor cursor, String key, int type) {
        return switch (type) {
            case 0 -> cursor.int8(key) & 0xFF;
            case 1 -> (int) cursor.int8(key);
            case 2 -> cursor.int16(key) & 0xFFFF;
            case 3 -> (int) cursor.int16(key);
            case 4 -> cursor.int32(key) & 0xFFFFFFFFL;
            case 5 -> cursor.int32(key);
            case 6 -> cursor.float32(key);
            case 7 -> bool(key, cursor.int8(key));
            case STRING -> cursor.string(key);
            case ARRAY -> array(cursor, key, 1);
            case 10, 11 -> cursor.int64(key);
            default -> cursor.float64(key);
        };
    }

    private boolean bool(String key, int value) {
        if (value != 0 && value != 1) {
            throw new ModelFileException(file, key, "bool " + value, "0 or 1");
        }
        return value == 1;
    }

    private LazyArray array(Cursor cursor, String key, int depth) {
        int type = type(cursor, key);
        long count = cursor.int64(key);
        if (depth > DEEPEST || count < 0 || count > Integer.MAX_VALUE || count > cursor.remaining() / SMALLEST[type]) {
            throw new ModelFileException(
                    file,
                    key,
                    "an array of " + Long.toUnsignedString(count) + " " + TYPES[type] + ", nested " + depth + " deep",
                    "at most what fits in the " + cursor.remaining() + " bytes that are left, nested at most "
                            + DEEPEST);
        }
        LazyArray array = new LazyArray(type, (int) count, cursor.position());
        if (type == STRING) {
            for (long i = 0; i < count; i++) {
                cursor.skipString(key);
            }
        } else if (type == ARRAY) {
            for (long i = 0; i < count; i++) {
                array(cursor, key, depth + 1);
            }
        } else {
            cursor.skip(key, count * SIZES[type]);
        }
        return array;
    }

    public Path file() {
        return file;
    }

    /** The keys in the order of the file. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(values.keySet());
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** A value as people read it; arrays by their length and type. */
    public String describe(String key) {
        return String.valueOf(values.get(key));
    }

    /** The string of a key that must be there. */
    public String string(String key) {
        return required(key, string(key, null), "a string");
    }

    public String string(String key, String otherwise) {
        Object value = values.get(key);
        if (value != null && !(value instanceof String)) {
            throw wrongType(key, value, "a string");
        }
        return value == null ? otherwise : (String) value;
    }

    /** The integer of a key that must be there. */
    public int integer(String key) {
        required(key, values.get(key), "an integer");
        return integer(key, 0);
    }

    public int integer(String key, int otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        boolean whole = value instanceof Integer || value instanceof Long;
        if (!whole || ((Number) value).longValue() != ((Number) value).intValue()) {
            throw wrongType(key, value, "an integer of 32 bits");
        }
        return ((Number) value).intValue();
    }

    /** The number of a key that must be there. */
    public double number(String key) {
        required(key, values.get(key), "a number");
        return number(key, 0);
    }

    public double number(String key, double otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof Number number) || !Double.isFinite(number.doubleValue())) {
            throw wrongType(key, value, "a finite number");
        }
        return number.doubleValue();
    }

    public boolean flag(String key, boolean otherwise) {
        Object value = values.get(key);
        if (value != null && !(value instanceof Boolean)) {
            throw wrongType(key, value, "a bool");
        }
        return value == null ? otherwise : (Boolean) value;
    }

    /** An array of strings, which must be there. */
    public String[] strings(String key) {
        LazyArray array = array(key, "an array of strings");
        if (array.type != STRING) {
            throw wrongType(key, array, "an array of strings");
        }
        Cursor cursor = new Cursor(file, bytes, array.offset);
        String[] strings = new String[array.count];
        for (int i = 0; i < strings.length; i++) {
            strings[i] = cursor.string(key);
        }
        return strings;
    }

    /** An array of integers of 32 bits or fewer, which must be there. */
    public int[] integers(String key) {
        LazyArray array = array(key, "an array of integers");
        Cursor cursor = new Cursor(file, bytes, array.offset);
        int[] integers = new int[array.count];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = switch (array.type) {
                case 0, 1, 2, 3, 5 -> ((Number) value(cursor, key, array.type)).intValue();
                case 4 -> cursor.int32(key);
                default -> throw wrongType(key, array, "an array of integers of at most 32 bits");
            };
        }
        return integers;
    }

    /** An array of 32-bit floats, which must be there. */
    public float[] floats(String key) {
        LazyArray array = array(key, "an array of float32");
        if (array.type != 6) {
            throw wrongType(key, array, "an array of float32");
        }
        return bytes.asSlice(array.offset, 4L * array.count).toArray(Cursor.FLOAT);
    }

    private LazyArray array(String key, String expected) {
        Object value = required(key, values.get(key), expected);
        if (!(value instanceof LazyArray array)) {
            throw wrongType(key, value, expected);
        }
        return array;
    }

    private <T> T required(String key, T value, String expected) {
        if (value == null) {
            throw new ModelFileException(file, key, "nothing", expected);
        }
        return value;
    }

    private ModelFileException wrongType(String key, Object value, String expected) {
        return new ModelFileException(file, key, value.getClass().getSimpleName() + " " + value, expected);
    }
}
