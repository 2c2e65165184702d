package dev.squall.model.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The filter {@code tojson} as Hugging Face defines it for chat templates: Python's {@code json.dumps} with its spaces
 * after comma and colon, and letters beyond ASCII as they are.
 */
final class JsonText {
    private final StringBuilder out = new StringBuilder();
    private final Budget budget;
    private final String indent;
    private final String comma;
    private final String colon;
    private final boolean ascii;
    private final boolean sorted;

    private JsonText(Arguments given, Budget budget) {
        given.allow(2, "ensure_ascii", "indent", "separators", "sort_keys");
        this.budget = budget;
        this.ascii = Values.truth(given.get(0, "ensure_ascii", false));
        this.sorted = Values.truth(given.get(3, "sort_keys", false));
        this.indent = switch (given.get(1, "indent", null)) {
            case null -> null;
            case Long spaces -> " ".repeat(Math.clamp(spaces, 0, 64));
            case String text -> text;
            case Object other -> throw new Fault("indent is " + Values.typeName(other) + ", expected an integer");
        };
        Object separators = given.get(2, "separators", null);
        if (separators == null) {
            comma = indent == null ? ", " : ",";
            colon = ": ";
        } else if (separators instanceof List<?> pair
                && pair.size() == 2
                && pair.get(0) instanceof String first
                && pair.get(1) instanceof String second) {
            comma = first;
            colon = second;
        } else {
            throw new Fault("separators is " + Values.typeName(separators) + ", expected a pair of strings");
        }
    }

    static String of(Object value, Arguments given, Budget budget) {
        JsonText json = new JsonText(given, budget);
        json.value(value, 0);
        return json.out.toString();
    }

    private void value(Object value, int depth) {
        budget.enter();
        switch (value) {
            case null -> append("null");
            case Boolean b -> append(b.toString());
            case Long l -> append(l.toString());
            case Double d ->
                append(d.isNaN() ? "NaN" : d.isInfinite() ? (d > 0 ? "Infinity" : "-Infinity") : Text.number(d));
            case String s -> string(s);
            case List<?> list -> list(list, depth);
            case Map<?, ?> map -> map(map, depth);
            default -> throw new Fault(Values.typeName(value) + " cannot be written as JSON");
        }
        budget.leave();
    }

    private void list(List<?> list, int depth) {
        append("[");
        for (int i = 0; i < list.size(); i++) {
            append(i == 0 ? "" : comma);
            line(depth + 1);
            value(list.get(i), depth + 1);
        }
        if (!list.isEmpty()) {
            line(depth);
        }
        append("]");
    }

    private void map(Map<?, ?> map, int depth) {
        append("{");
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            entries.sort(Comparator.comparing(entry -> key(entry.getKey())));
        }
        for (int i = 0; i < entries.size(); i++) {
            append(i == 0 ? "" : comma);
            line(depth + 1);
            string(key(entries.get(i).getKey()));
            append(colon);
            value(entries.get(i).getValue(), depth + 1);
        }
        if (!entries.isEmpty()) {
            line(depth);
        }
        append("}");
    }

    private static String key(Object key) {
        return switch (key) {
            case null -> "null";
            case String s -> s;
            case Boolean b -> b.toString();
            case Long l -> l.toString();
            case Double d -> Text.number(d);
            default -> throw new Fault(Values.typeName(key) + " cannot be a key in JSON");
        };
    }

    private void line(int depth) {
        if (indent != null) {
            append("\n");
            for (int i = 0; i < depth; i++) {
                append(indent);
            }
        }
    }

    private void string(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\f' -> quoted.append("\\f");
                case '\b' -> quoted.append("\\b");
                default -> {
                    if (c < 0x20 || ascii && c > 0x7e) {
                        quoted.append(String.format("\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        append(quoted.append('"'));
    }

    private void append(CharSequence part) {
        budget.append(out, part);
    }
}
