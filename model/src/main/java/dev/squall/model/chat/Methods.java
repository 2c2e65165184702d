package dev.squall.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The methods of strings, mappings and lists that do not change their object. */
final class Methods {
    private static final Set<String> OF_STRINGS = Set.of(
            "strip",
            "lstrip",
            "rstrip",
            "startswith",
            "endswith",
            "split",
            "rsplit",
            "splitlines",
            "upper",
            "lower",
            "title",
            "capitalize",
            "replace",
            "join",
            "find",
            "rfind",
            "count",
            "isdigit",
            "isalpha",
            "isalnum",
            "isspace",
            "removeprefix",
            "removesuffix");
    private static final Set<String> OF_MAPPINGS = Set.of("get", "items", "keys", "values");
    private static final Set<String> OF_LISTS = Set.of("index", "count");

    /** All method names, for the tests. */
    static final Set<String> NAMES =
            Stream.of(OF_STRINGS, OF_MAPPINGS, OF_LISTS).flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());

    private Methods() {}

    static boolean has(Object value, String name) {
        return switch (value) {
            case String s -> OF_STRINGS.contains(name);
            case Map<?, ?> map -> OF_MAPPINGS.contains(name);
            case List<?> list -> OF_LISTS.contains(name);
            case null, default -> false;
        };
    }

    /** A method with its object. */
    record Bound(Object object, String name) {
        Object call(Arguments arguments, Budget budget) {
            return switch (object) {
                case String text -> ofString(text, name, arguments, budget);
                case Map<?, ?> map -> ofMapping(map, name, arguments);
                default -> ofList((List<?>) object, name, arguments, budget);
            };
        }
    }

    private static Object ofMapping(Map<?, ?> map, String name, Arguments given) {
        given.allow(name.equals("get") ? 2 : 0);
        return switch (name) {
            case "get" -> {
                Object key = given.get(0, "key");
                yield map.containsKey(key) ? map.get(key) : given.get(1, "default", null);
            }
            case "items" -> items(map);
            case "keys" -> new ArrayList<Object>(map.keySet());
            default -> new ArrayList<Object>(map.values());
        };
    }

    static List<Object> items(Map<?, ?> map) {
        List<Object> items = new ArrayList<>(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            List<Object> pair = new ArrayList<>();
            pair.add(entry.getKey());
            pair.add(entry.getValue());
            items.add(new Values.Tuple(pair));
        }
        return items;
    }

    private static Object ofList(List<?> list, String name, Arguments given, Budget budget) {
        given.allow(1);
        Object wanted = given.get(0, "value");
        long count = 0;
        for (int i = 0; i < list.size(); i++) {
            if (Operators.equal(list.get(i), wanted, budget)) {
                if (name.equals("index")) {
                    return (long) i;
                }
                count++;
            }
        }
        if (name.equals("index")) {
            throw new Fault("the value is not in the list");
        }
        return count;
    }

    private static Object ofString(String text, String name, Arguments given, Budget budget) {
        budget.charge(text.length() >> 6);
        return switch (name) {
            case "strip", "lstrip", "rstrip" -> {
                given.allow(1);
                yield Text.strip(text, given.text(0, "chars", null), !name.equals("rstrip"), !name.equals("lstrip"));
            }
            case "startswith", "endswith" -> {
                given.allow(1);
                List<?> any =
                        given.get(0, "prefix") instanceof Values.Tuple tuple ? tuple : List.of(given.text(0, "prefix"));
                yield any.stream()
                        .map(part -> Arguments.as(String.class, "prefix", part, false))
                        .anyMatch(name.equals("startswith") ? text::startsWith : text::endsWith);
            }
            case "split", "rsplit" -> {
                given.allow(2, "sep", "maxsplit");
                String separator = given.text(0, "sep", null);
                long most = given.integer(1, "maxsplit", -1L);
                yield Splitter.split(text, separator, most < 0 ? Long.MAX_VALUE : most, name.equals("rsplit"), budget);
            }
            case "replace" -> {
                given.allow(3, "count");
                yield replace(text, given.text(0, "old"), given.text(1, "new"), given.integer(2, "count", -1L), budget);
            }
            case "join" -> {
                given.allow(1);
                yield join(Values.elements(given.get(0, "elements"), budget), text, false, budget);
            }
            case "find", "rfind" -> {
                given.allow(1);
                String part = given.text(0, "sub");
                int at = name.equals("find") ? text.indexOf(part) : text.lastIndexOf(part);
                yield at < 0 ? -1L : (long) text.codePointCount(0, at);
            }
            case "count" -> {
                given.allow(1);
                String part = given.text(0, "sub");
                yield part.isEmpty()
                        ? Values.length(text) + 1
                        : Splitter.split(text, part, Long.MAX_VALUE, false, budget)
                                        .size()
                                - 1L;
            }
            case "removeprefix" -> {
                String part = given.text(0, "prefix");
                yield text.startsWith(part) ? text.substring(part.length()) : text;
            }
            case "removesuffix" -> {
                String part = given.text(0, "suffix");
                yield text.endsWith(part) ? text.substring(0, text.length() - part.length()) : text;
            }
            default -> {
                given.allow(0);
                yield plain(text, name);
            }
        };
    }

    private static Object plain(String text, String name) {
        return switch (name) {
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "title" -> Text.titleRuns(text);
            case "capitalize" -> Text.capitalize(text);
            case "splitlines" ->
                text.isEmpty()
                        ? new ArrayList<>()
                        : new ArrayList<Object>(text.lines().toList());
            case "isdigit" -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
            case "isalpha" -> !text.isEmpty() && text.codePoints().allMatch(Character::isLetter);
            case "isalnum" -> !text.isEmpty() && text.codePoints().allMatch(Character::isLetterOrDigit);
            default -> !text.isEmpty() && text.codePoints().allMatch(Text::isSpace);
        };
    }

    static String replace(String text, String old, String by, long most, Budget budget) {
        StringBuilder result = new StringBuilder();
        int from = 0;
        if (old.isEmpty()) {
            throw new Fault("replace looks for an empty string");
        }
        for (long i = 0; i != most; i++) {
            int at = text.indexOf(old, from);
            if (at < 0) {
                break;
            }
            budget.charge(1);
            budget.append(result, text.substring(from, at));
            budget.append(result, by);
            from = at + old.length();
        }
        budget.append(result, text.substring(from));
        return result.toString();
    }

    /** Python's {@code join} takes strings only; the filter of that name writes whatever it is given. */
    static String join(List<?> elements, String separator, boolean anything, Budget budget) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < elements.size(); i++) {
            Object element = elements.get(i);
            if (!anything && !(element instanceof String)) {
                throw new Fault("join of " + Values.typeName(element) + ", expected strings");
            }
            budget.append(result, i == 0 ? "" : separator);
            budget.append(result, Writer.text(element, budget));
        }
        return result.toString();
    }
}
