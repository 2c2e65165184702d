package dev.squall.model.chat;

import java.util.List;
import java.util.Map;

/**
 * The arguments of a call, filter or test.
 *
 * @param positional in order
 * @param named by keyword
 */
record Arguments(List<Object> positional, Map<String, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    boolean has(int index, String name) {
        return index < positional.size() || named.containsKey(name);
    }

    /** The argument at a place or of a name; an error if it was not given. */
    Object get(int index, String name) {
        if (index < positional.size()) {
            return positional.get(index);
        }
        if (!named.containsKey(name)) {
            throw new Fault("argument '" + name + "' is missing");
        }
        return named.get(name);
    }

    Object get(int index, String name, Object missing) {
        return has(index, name) ? get(index, name) : missing;
    }

    String text(int index, String name) {
        return as(String.class, name, get(index, name), false);
    }

    /** None is a text argument only where it is what a missing one means. */
    String text(int index, String name, String missing) {
        return as(String.class, name, get(index, name, missing), missing == null);
    }

    long integer(int index, String name) {
        return as(Long.class, name, get(index, name), false);
    }

    Long integer(int index, String name, Long missing) {
        return as(Long.class, name, get(index, name, missing), missing == null);
    }

    /** Refuses arguments beyond those that the callee knows. */
    void allow(int count, String... names) {
        if (positional.size() > count) {
            throw new Fault(positional.size() + " arguments given, at most " + count + " taken");
        }
        for (String name : named.keySet()) {
            if (!List.of(names).contains(name)) {
                throw new Fault("unknown argument '" + name + "'");
            }
        }
    }

    static <T> T as(Class<T> type, String name, Object value, boolean orNone) {
        if (value == null ? !orNone : !type.isInstance(value)) {
            throw new Fault("argument '" + name + "' is " + Values.typeName(value) + ", expected a "
                    + (type == Long.class ? "whole number" : "string"));
        }
        return type.cast(value);
    }

    /** The arguments after the first {@code count}. */
    Arguments rest(int count) {
        return new Arguments(positional.subList(Math.min(count, positional.size()), positional.size()), named);
    }
}
