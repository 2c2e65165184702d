package dev.squall.model.chat;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of a template and their Python meaning. A value is null (None), an {@link Undefined}, Boolean, Long,
 * Double, String, List (a {@link Tuple} where Python has one), Map, {@link Namespace}, {@link Function} or
 * {@link Loop}.
 */
final class Values {
    /** Nesting of lists and maps that a caller may pass in. */
    private static final int MAX_NESTING = 64;

    private Values() {}

    /** What a missing name or entry gives: false, empty when written, an error when used further. */
    record Undefined(String what) {
        Fault fault() {
            return new Fault(what + " is undefined");
        }
    }

    /** Result of {@code namespace(...)}: the one value that a template may change. */
    record Namespace(Map<String, Object> entries) {}

    /** Something that can be called: a macro, a method bound to its object, a global function. */
    interface Function {
        Object call(Arguments arguments);
    }

    /** A fixed sequence, written with round brackets. */
    static final class Tuple extends AbstractList<Object> {
        private final List<?> elements;

        Tuple(List<?> elements) {
            this.elements = elements;
        }

        @Override
        public Object get(int index) {
            return elements.get(index);
        }

        @Override
        public int size() {
            return elements.size();
        }
    }

    /** A caller's value in the types above; maps and lists are copied. */
    static Object of(Object value, int nesting) {
        if (nesting > MAX_NESTING) {
            throw new IllegalArgumentException("template variable is nested more than " + MAX_NESTING + " deep");
        }
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case String s -> s;
            case Long l -> l;
            case Double d -> d;
            case Integer i -> i.longValue();
            case Short s -> s.longValue();
            case Byte b -> b.longValue();
            case Float f -> Double.parseDouble(f.toString());
            case Map<?, ?> map -> {
                Map<Object, Object> copy = new LinkedHashMap<>();
                map.forEach((key, entry) -> copy.put(of(key, nesting + 1), of(entry, nesting + 1)));
                yield copy;
            }
            case Iterable<?> list -> {
                List<Object> copy = new ArrayList<>();
                list.forEach(element -> copy.add(of(element, nesting + 1)));
                yield copy;
            }
            default ->
                throw new IllegalArgumentException("template variable of " + value.getClass()
                        + ", expected null, Boolean, String, Number, Map or Iterable");
        };
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Undefined u -> false;
            case Boolean b -> b;
            case Long l -> l != 0;
            case Double d -> d != 0;
            case String s -> !s.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    static String typeName(Object value) {
        return switch (value) {
            case null -> "none";
            case Undefined u -> "an undefined value";
            case Boolean b -> "a boolean";
            case Long l -> "an integer";
            case Double d -> "a float";
            case String s -> "a string";
            case List<?> list -> "a list";
            case Map<?, ?> map -> "a mapping";
            case Namespace n -> "a namespace";
            case Function f -> "a function";
            default -> "a loop";
        };
    }

    /** The elements that a loop over a value visits. */
    static List<?> elements(Object value, Budget budget) {
        List<?> elements = switch (value) {
            case List<?> list -> list;
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String s -> s.codePoints().mapToObj(Character::toString).toList();
            case Undefined u -> List.of();
            case null, default -> throw new Fault(typeName(value) + " cannot be iterated");
        };
        budget.charge(elements.size());
        return elements;
    }

    static long length(Object value) {
        return switch (value) {
            case String s -> s.codePointCount(0, s.length());
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case Undefined u -> 0;
            case null, default -> throw new Fault(typeName(value) + " has no length");
        };
    }

    /** {@code value[key]}. */
    static Object item(Object value, Object key) {
        if (value instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (value instanceof Map<?, ?> map && map.containsKey(key)) {
            return map.get(key);
        }
        if (key instanceof Long index) {
            if (value instanceof List<?> list) {
                long i = index < 0 ? index + list.size() : index;
                if (i >= 0 && i < list.size()) {
                    return list.get((int) i);
                }
            }
            if (value instanceof String text) {
                int[] codePoints = text.codePoints().toArray();
                long i = index < 0 ? index + codePoints.length : index;
                if (i >= 0 && i < codePoints.length) {
                    return Character.toString(codePoints[(int) i]);
                }
            }
        }
        return key instanceof String name && !(value instanceof Map<?, ?>)
                ? attribute(value, name)
                : new Undefined("item '" + key + "' of " + typeName(value));
    }

    /** {@code value.name}: a method where the value has one, else the entry of that name. */
    static Object attribute(Object value, String name) {
        if (value instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (value instanceof Namespace namespace && namespace.entries().containsKey(name)) {
            return namespace.entries().get(name);
        }
        if (value instanceof Loop loop && loop.has(name)) {
            return loop.attribute(name);
        }
        if (Methods.has(value, name)) {
            return new Methods.Bound(value, name);
        }
        if (value instanceof Map<?, ?> map && map.containsKey(name)) {
            return map.get(name);
        }
        return new Undefined("'" + name + "' of " + typeName(value));
    }

    /** {@code value[start:stop:step]}; bounds are null where left out. */
    static Object slice(Object value, Long start, Long stop, Long step) {
        long stride = step == null ? 1 : step;
        if (stride == 0) {
            throw new Fault("slice step is 0");
        }
        if (!(value instanceof String) && !(value instanceof List<?>)) {
            return new Undefined("a slice of " + typeName(value));
        }
        int size = Math.toIntExact(length(value));
        stride = Math.clamp(stride, -size - 1L, size + 1L);
        long from = bound(start, stride > 0 ? 0 : size - 1, size, stride);
        long to = bound(stop, stride > 0 ? size : -1, size, stride);
        if (value instanceof String text) {
            int[] codePoints = text.codePoints().toArray();
            StringBuilder result = new StringBuilder();
            for (long i = from; stride > 0 ? i < to : i > to; i += stride) {
                result.appendCodePoint(codePoints[(int) i]);
            }
            return result.toString();
        }
        List<?> list = (List<?>) value;
        List<Object> result = new ArrayList<>();
        for (long i = from; stride > 0 ? i < to : i > to; i += stride) {
            result.add(list.get((int) i));
        }
        return list instanceof Tuple ? new Tuple(result) : result;
    }

    private static long bound(Long given, long missing, int size, long stride) {
        if (given == null) {
            return missing;
        }
        long at = given < 0 ? Math.max(given, -size - 1L) + size : given;
        long low = stride > 0 ? 0 : -1;
        long high = stride > 0 ? size : size - 1L;
        return Math.clamp(at, low, high);
    }
}
