package dev.squall.model.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The filters that compare elements: sort, unique, min, max and dictsort; letter case is ignored unless asked for. */
final class Orders {
    private Orders() {}

    static Object apply(String name, Object value, Arguments given, Budget budget) {
        return switch (name) {
            case "sort" -> {
                given.allow(3, "reverse", "case_sensitive", "attribute");
                UnaryOperator<Object> key = key(given, 1);
                yield sorted(Values.elements(value, budget), key, Values.truth(given.get(0, "reverse", false)), budget);
            }
            case "dictsort" -> {
                given.allow(3, "case_sensitive", "by", "reverse");
                if (!(value instanceof Map<?, ?> map)) {
                    throw new Fault("dictsort of " + Values.typeName(value) + ", expected a mapping");
                }
                String by = given.text(1, "by", "key");
                if (!by.equals("key") && !by.equals("value")) {
                    throw new Fault("dictsort by '" + by + "', expected 'key' or 'value'");
                }
                boolean exact = Values.truth(given.get(0, "case_sensitive", false));
                UnaryOperator<Object> key = pair -> folded(((List<?>) pair).get(by.equals("key") ? 0 : 1), exact);
                boolean reverse = Values.truth(given.get(2, "reverse", false));
                yield sorted(Values.elements(Methods.items(map), budget), key, reverse, budget);
            }
            case "unique" -> {
                given.allow(2, "case_sensitive", "attribute");
                yield unique(Values.elements(value, budget), key(given, 0), budget);
            }
            default -> {
                given.allow(2, "case_sensitive", "attribute");
                List<Object> sorted = sorted(Values.elements(value, budget), key(given, 0), name.equals("max"), budget);
                yield sorted.isEmpty() ? new Values.Undefined("the " + name + " of no elements") : sorted.getFirst();
            }
        };
    }

    /** What of an element is compared; the argument for letter case stands at {@code index}, the attribute after. */
    private static UnaryOperator<Object> key(Arguments given, int index) {
        boolean exact = Values.truth(given.get(index, "case_sensitive", false));
        String path = given.text(index + 1, "attribute", null);
        return element -> folded(path == null ? element : Filters.attribute(element, path), exact);
    }

    private static Object folded(Object value, boolean exact) {
        return value instanceof String text && !exact ? text.toLowerCase(Locale.ROOT) : value;
    }

    private static List<Object> sorted(List<?> elements, UnaryOperator<Object> key, boolean reverse, Budget budget) {
        Comparator<Object> order = (a, b) -> {
            budget.charge(1);
            return Operators.order(key.apply(a), key.apply(b), budget);
        };
        List<Object> sorted = new ArrayList<>(elements);
        sorted.sort(reverse ? order.reversed() : order);
        return sorted;
    }

    private static List<Object> unique(List<?> elements, UnaryOperator<Object> key, Budget budget) {
        List<Object> kept = new ArrayList<>();
        List<Object> keys = new ArrayList<>();
        for (Object element : elements) {
            Object value = key.apply(element);
            if (!Operators.contains(keys, value, budget)) {
                keys.add(value);
                kept.add(element);
            }
        }
        return kept;
    }
}
