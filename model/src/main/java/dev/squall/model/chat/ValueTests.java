package dev.squall.model.chat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What may stand after {@code is}. */
final class ValueTests {
    static final Set<String> NAMES = Set.of(
            "defined",
            "undefined",
            "none",
            "string",
            "mapping",
            "iterable",
            "sequence",
            "boolean",
            "number",
            "integer",
            "float",
            "true",
            "false",
            "callable",
            "equalto",
            "eq",
            "ne",
            "lt",
            "le",
            "gt",
            "ge",
            "sameas",
            "in",
            "odd",
            "even",
            "divisibleby",
            "lower",
            "upper");

    private ValueTests() {}

    static boolean holds(String name, Object value, Arguments given, Budget budget) {
        String operator = operator(name);
        if (operator != null) {
            given.allow(1);
            return Operators.compare(operator, value, given.get(0, "other"), budget);
        }
        given.allow(name.equals("divisibleby") || name.equals("sameas") ? 1 : 0);
        return switch (name) {
            case "defined" -> !(value instanceof Values.Undefined);
            case "undefined" -> value instanceof Values.Undefined;
            case "none" -> value == null;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map<?, ?>;
            case "iterable" ->
                value instanceof String
                        || value instanceof List<?>
                        || value instanceof Map<?, ?>
                        || value instanceof Values.Undefined;
            case "sequence" ->
                value instanceof String
                        || value instanceof List<?>
                        || value instanceof Map<?, ?>
                        || value instanceof Values.Undefined;
            case "boolean" -> value instanceof Boolean;
            case "number" -> value instanceof Number || value instanceof Boolean;
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "callable" -> value instanceof Values.Function || value instanceof Methods.Bound;
            case "sameas" -> same(value, given.get(0, "other"));
            case "odd" -> remainder(value, 2) == 1;
            case "even" -> remainder(value, 2) == 0;
            case "divisibleby" -> remainder(value, given.integer(0, "num")) == 0;
            case "lower" ->
                cased(value, budget)
                        .map(text -> text.equals(text.toLowerCase(Locale.ROOT)))
                        .orElse(false);
            default ->
                cased(value, budget)
                        .map(text -> text.equals(text.toUpperCase(Locale.ROOT)))
                        .orElse(false);
        };
    }

    private static String operator(String test) {
        return switch (test) {
            case "equalto", "eq" -> "==";
            case "ne" -> "!=";
            case "lt" -> "<";
            case "le" -> "<=";
            case "gt" -> ">";
            case "ge" -> ">=";
            case "in" -> "in";
            default -> null;
        };
    }

    private static boolean same(Object a, Object b) {
        return a == b || a instanceof Boolean && a.equals(b) || a instanceof Long && a.equals(b);
    }

    private static long remainder(Object value, long divisor) {
        if (!(value instanceof Long number)) {
            throw new Fault(Values.typeName(value) + " is not a whole number");
        }
        if (divisor == 0) {
            throw new Fault("division by zero");
        }
        return Math.floorMod(number, divisor);
    }

    /** The value as text, if a letter with a case is in it. */
    private static Optional<String> cased(Object value, Budget budget) {
        String text = Writer.text(value, budget);
        boolean cased = text.codePoints().anyMatch(c -> Character.isLowerCase(c) || Character.isUpperCase(c));
        return cased ? Optional.of(text) : Optional.empty();
    }
}
