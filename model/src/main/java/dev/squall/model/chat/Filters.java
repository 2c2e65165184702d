package dev.squall.model.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What may stand after {@code |}. */
final class Filters {
    static final Set<String> NAMES = Set.of(
            "trim",
            "tojson",
            "length",
            "count",
            "join",
            "default",
            "d",
            "upper",
            "lower",
            "capitalize",
            "title",
            "list",
            "items",
            "replace",
            "first",
            "last",
            "map",
            "select",
            "reject",
            "selectattr",
            "rejectattr",
            "string",
            "int",
            "float",
            "abs",
            "reverse",
            "sort",
            "unique",
            "min",
            "max",
            "dictsort",
            "safe",
            "indent");

    private Filters() {}

    static Object apply(String name, Object value, Arguments given, Budget budget) {
        return switch (name) {
            case "tojson" -> JsonText.of(value, given, budget);
            case "default", "d" -> {
                given.allow(2, "default_value", "boolean");
                boolean missing = value instanceof Values.Undefined
                        || Values.truth(given.get(1, "boolean", false)) && !Values.truth(value);
                yield missing ? given.get(0, "default_value", "") : value;
            }
            case "join" -> {
                given.allow(2, "d", "attribute");
                List<?> elements = Values.elements(value, budget);
                String attribute = given.text(1, "attribute", null);
                yield Methods.join(
                        attribute == null ? elements : attributes(elements, attribute, null, false),
                        given.text(0, "d", ""),
                        true,
                        budget);
            }
            case "trim", "replace", "upper", "lower", "capitalize", "title", "indent" ->
                ofText(name, Writer.text(value, budget), given, budget);
            case "map", "select", "reject", "selectattr", "rejectattr" ->
                each(name, Values.truth(value) ? Values.elements(value, budget) : List.of(), given, budget);
            case "sort", "unique", "min", "max", "dictsort" -> Orders.apply(name, value, given, budget);
            case "int", "float" -> {
                given.allow(1, "default");
                yield number(name, value, given);
            }
            default -> {
                given.allow(0);
                yield plain(name, value, budget);
            }
        };
    }

    private static Object plain(String name, Object value, Budget budget) {
        return switch (name) {
            case "length", "count" -> Values.length(value);
            case "list" -> new ArrayList<Object>(Values.elements(value, budget));
            case "items" -> {
                if (value instanceof Values.Undefined) {
                    yield List.of();
                }
                if (!(value instanceof Map<?, ?> map)) {
                    throw new Fault("items of " + Values.typeName(value) + ", expected a mapping");
                }
                yield Methods.items(map);
            }
            case "first", "last" -> {
                List<?> elements = Values.elements(value, budget);
                yield elements.isEmpty()
                        ? new Values.Undefined("the " + name + " of no elements")
                        : name.equals("first") ? elements.getFirst() : elements.getLast();
            }
            case "reverse" -> {
                if (value instanceof String text) {
                    yield new StringBuilder(text).reverse().toString();
                }
                List<Object> reversed = new ArrayList<>(Values.elements(value, budget));
                Collections.reverse(reversed);
                yield reversed;
            }
            case "abs" -> {
                Object number = Operators.binary("+", 0L, value, budget);
                yield Operators.order(number, 0L, budget) < 0 ? Operators.negate(number) : number;
            }
            default -> Writer.text(value, budget); // string; and safe, as nothing is ever escaped
        };
    }

    private static Object ofText(String name, String text, Arguments given, Budget budget) {
        return switch (name) {
            case "trim" -> {
                given.allow(1, "chars");
                yield Text.strip(text, given.text(0, "chars", null), true, true);
            }
            case "replace" -> {
                given.allow(3, "old", "new", "count");
                Long most = given.integer(2, "count", null);
                yield Methods.replace(
                        text, given.text(0, "old"), given.text(1, "new"), most == null ? -1 : most, budget);
            }
            case "indent" -> {
                given.allow(3, "width", "first", "blank");
                boolean blank = Values.truth(given.get(2, "blank", false));
                String width = given.get(0, "width", 4L) instanceof String prefix
                        ? prefix
                        : " ".repeat(Math.clamp(given.integer(0, "width", 4L), 0, 64));
                StringBuilder result = new StringBuilder(Values.truth(given.get(1, "first", false)) ? width : "");
                String[] lines = text.split("\n", -1);
                for (int i = 0; i < lines.length; i++) {
                    budget.append(result, i == 0 ? "" : blank || !lines[i].isEmpty() ? "\n" + width : "\n");
                    budget.append(result, lines[i]);
                }
                yield result.toString();
            }
            default -> {
                given.allow(0);
                yield switch (name) {
                    case "upper" -> text.toUpperCase(Locale.ROOT);
                    case "lower" -> text.toLowerCase(Locale.ROOT);
                    case "capitalize" -> Text.capitalize(text);
                    default -> Text.titleWords(text);
                };
            }
        };
    }

    /** map, select, reject and their forms over an attribute. */
    private static List<Object> each(String name, List<?> elements, Arguments given, Budget budget) {
        if (name.equals("map") && given.positional().isEmpty()) {
            given.allow(0, "attribute", "default");
            return attributes(
                    elements, given.text(0, "attribute"), given.get(1, "default", null), given.has(1, "default"));
        }
        boolean ofAttribute = name.endsWith("attr");
        String called = given.text(ofAttribute ? 1 : 0, "name", null);
        Arguments rest = given.rest(ofAttribute ? 2 : 1);
        if (name.equals("map")) {
            require(NAMES, given.text(0, "name"), "filter");
        } else if (called != null) {
            require(ValueTests.NAMES, called, "test");
        }
        List<Object> result = new ArrayList<>();
        for (Object element : elements) {
            budget.charge(1);
            if (name.equals("map")) {
                result.add(apply(called, element, rest, budget));
                continue;
            }
            Object tested = ofAttribute ? attribute(element, given.text(0, "attribute")) : element;
            boolean holds = called == null ? Values.truth(tested) : ValueTests.holds(called, tested, rest, budget);
            if (holds == name.startsWith("select")) {
                result.add(element);
            }
        }
        return result;
    }

    private static void require(Set<String> names, String name, String kind) {
        if (!names.contains(name)) {
            throw new Fault("unknown " + kind + " '" + name + "'");
        }
    }

    private static List<Object> attributes(List<?> elements, String path, Object missing, boolean hasMissing) {
        List<Object> result = new ArrayList<>(elements.size());
        for (Object element : elements) {
            Object value = attribute(element, path);
            result.add(hasMissing && value instanceof Values.Undefined ? missing : value);
        }
        return result;
    }

    /** An attribute by its path: names and indices with dots between. */
    static Object attribute(Object element, String path) {
        Object value = element;
        for (String part : path.split("\\.", -1)) {
            boolean index =
                    !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            value = Values.item(value, index ? (Object) Long.parseLong(part) : part);
        }
        return value;
    }

    /** int and float: from numbers and from text that is one, else what the argument says, else zero. */
    private static Object number(String name, Object value, Arguments given) {
        boolean whole = name.equals("int");
        if (value instanceof Boolean flag) {
            return number(name, flag ? 1L : 0L, given);
        }
        if (whole && value instanceof Long || !whole && value instanceof Double) {
            return value;
        }
        if (whole && value instanceof String text && text.strip().matches("[+-]?\\d{1,18}")) {
            return Long.parseLong(text.strip());
        }
        double number;
        try {
            number = value instanceof Number n
                    ? n.doubleValue()
                    : Double.parseDouble(String.valueOf(value).strip());
        } catch (NumberFormatException e) {
            return given.get(0, "default", whole ? (Object) 0L : (Object) 0.0);
        }
        if (whole && !(Math.abs(number) < 0x1p63)) {
            throw new Fault(Text.number(number) + " is out of the 64-bit range");
        }
        return whole ? (Object) (long) number : (Object) number;
    }
}
