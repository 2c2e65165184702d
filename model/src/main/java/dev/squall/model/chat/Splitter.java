package dev.squall.model.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's {@code split} and {@code rsplit}. */
final class Splitter {
    private Splitter() {}

    /** Cuts at a separator, or at runs of white space where it is null, at most {@code most} times. */
    static List<Object> split(String text, String separator, long most, boolean fromRight, Budget budget) {
        if (separator == null) {
            return words(text, most, fromRight, budget);
        }
        if (separator.isEmpty()) {
            throw new Fault("split at an empty string");
        }
        List<Object> parts = new ArrayList<>();
        int from = 0;
        int to = text.length();
        while (parts.size() < most) {
            int at = fromRight ? text.lastIndexOf(separator, to - separator.length()) : text.indexOf(separator, from);
            if (at < 0) {
                break;
            }
            budget.charge(1);
            if (fromRight) {
                parts.add(text.substring(at + separator.length(), to));
                to = at;
            } else {
                parts.add(text.substring(from, at));
                from = at + separator.length();
            }
        }
        parts.add(text.substring(from, to));
        if (fromRight) {
            Collections.reverse(parts);
        }
        return parts;
    }

    private static List<Object> words(String text, long most, boolean fromRight, Budget budget) {
        List<Object> parts = new ArrayList<>();
        String rest = Text.strip(text, null, !fromRight, fromRight);
        while (!rest.isEmpty()) {
            budget.charge(1 + (rest.length() >> 6));
            int at = parts.size() < most ? space(rest, fromRight) : -1;
            if (at < 0) {
                parts.add(rest);
                break;
            }
            parts.add(fromRight ? rest.substring(at + 1) : rest.substring(0, at));
            rest = fromRight
                    ? Text.strip(rest.substring(0, at), null, false, true)
                    : Text.strip(rest.substring(at), null, true, false);
        }
        if (fromRight) {
            Collections.reverse(parts);
        }
        return parts;
    }

    private static int space(String text, boolean fromRight) {
        int step = fromRight ? -1 : 1;
        for (int i = fromRight ? text.length() - 1 : 0; i >= 0 && i < text.length(); i += step) {
            if (Text.isSpace(text.charAt(i))) {
                return i;
            }
        }
        return -1;
    }
}
