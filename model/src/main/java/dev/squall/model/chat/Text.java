package dev.squall.model.chat;

import java.math.BigDecimal;

/** Text as Python has it, where Java's own methods differ: white space, escapes, and how values are written. */
final class Text {
    private Text() {}

    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    /** Strips characters of {@code set}, or white space where it is null, from either end. */
    static String strip(String text, String set, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && strips(text.codePointAt(from), set)) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && strips(text.codePointBefore(to), set)) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static boolean strips(int c, String set) {
        return set == null ? isSpace(c) : set.indexOf(c) >= 0;
    }

    /** A capital at the start of every run of letters, as {@code str.title()} does. */
    static String titleRuns(String text) {
        StringBuilder result = new StringBuilder();
        boolean inRun = false;
        for (int c : text.codePoints().toArray()) {
            result.appendCodePoint(inRun ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inRun = Character.isLetter(c);
        }
        return result.toString();
    }

    /** A capital after blanks, hyphens and opening brackets, as Jinja's {@code title} filter does. */
    static String titleWords(String text) {
        StringBuilder result = new StringBuilder();
        boolean starts = true;
        for (int c : text.codePoints().toArray()) {
            result.appendCodePoint(starts ? Character.toUpperCase(c) : Character.toLowerCase(c));
            starts = isSpace(c) || "-({[<".indexOf(c) >= 0;
        }
        return result.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return Character.toString(Character.toTitleCase(first))
                + text.substring(Character.charCount(first)).toLowerCase(java.util.Locale.ROOT);
    }

    /** The escapes of a Python string literal. */
    static String unescape(String body) {
        if (body.indexOf('\\') < 0) {
            return body;
        }
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < body.length(); i++) {
            char c = body.charAt(i);
            if (c != '\\') {
                result.append(c);
                continue;
            }
            char escape = body.charAt(++i);
            switch (escape) {
                case '\n' -> {}
                case 'n' -> result.append('\n');
                case 't' -> result.append('\t');
                case 'r' -> result.append('\r');
                case 'a' -> result.append('\007');
                case 'b' -> result.append('\b');
                case 'f' -> result.append('\f');
                case 'v' -> result.append('\013');
                case '\\', '\'', '"' -> result.append(escape);
                case 'x' -> i += codePoint(body, i, 2, result);
                case 'u' -> i += codePoint(body, i, 4, result);
                case 'U' -> i += codePoint(body, i, 8, result);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                    int end = i + 1;
                    while (end < body.length() && end < i + 3 && Character.digit(body.charAt(end), 8) >= 0) {
                        end++;
                    }
                    result.append((char) Integer.parseInt(body, i, end, 8));
                    i = end - 1;
                }
                default -> result.append('\\').append(escape);
            }
        }
        return result.toString();
    }

    private static int codePoint(String body, int at, int digits, StringBuilder result) {
        try {
            int code = Integer.parseInt(body, at + 1, at + 1 + digits, 16);
            result.appendCodePoint(code);
            return digits;
        } catch (RuntimeException e) {
            throw new Fault("string escape \\" + body.charAt(at) + " without its " + digits + " hexadecimal digits");
        }
    }

    /** A string as Python's {@code repr} writes it. */
    static void quote(String text, StringBuilder out, Budget budget) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder quoted = new StringBuilder(text.length() + 2).append(quote);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\\' -> quoted.append("\\\\");
                default -> {
                    if (c == quote) {
                        quoted.append('\\').append(c);
                    } else if (c < 0x20 || c >= 0x7f && c < 0xa1 || c == 0xad) {
                        quoted.append(String.format("\\x%02x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        budget.append(out, quoted.append(quote));
    }

    /** A double as Python's {@code repr} writes it: shortest digits, an exponent below 1e-4 and from 1e16. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = value == 0 ? 0 : digits.precision() - digits.scale() - 1;
        if (value == 0 || exponent >= -4 && exponent < 16) {
            String plain = value == 0 ? (1 / value < 0 ? "-0" : "0") : digits.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String unscaled = digits.unscaledValue().abs().toString();
        String mantissa = unscaled.length() == 1 ? unscaled : unscaled.charAt(0) + "." + unscaled.substring(1);
        String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        return (value < 0 ? "-" : "") + mantissa + "e" + power;
    }
}
