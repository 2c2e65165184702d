package dev.squall.model.chat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** {@code strftime_now}: a date and time written by a format of C's strftime, with English names. */
final class DateText {
    private DateText() {}

    static String of(LocalDateTime time, String format) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                result.append(c);
                continue;
            }
            boolean unpadded = format.charAt(i + 1) == '-' && i + 2 < format.length();
            i += unpadded ? 2 : 1;
            String written = directive(time, format.charAt(i));
            result.append(unpadded ? written.replaceFirst("^[0 ]+(?=.)", "") : written);
        }
        return result.toString();
    }

    private static String directive(LocalDateTime time, char directive) {
        if (directive == '%') {
            return "%";
        }
        String pattern = switch (directive) {
            case 'a' -> "EEE";
            case 'A' -> "EEEE";
            case 'b', 'h' -> "MMM";
            case 'B' -> "MMMM";
            case 'd' -> "dd";
            case 'e' -> "ppd";
            case 'm' -> "MM";
            case 'y' -> "uu";
            case 'Y' -> "uuuu";
            case 'H' -> "HH";
            case 'I' -> "hh";
            case 'M' -> "mm";
            case 'S' -> "ss";
            case 'p' -> "a";
            case 'j' -> "DDD";
            case 'f' -> "SSSSSS";
            case 'F' -> "uuuu-MM-dd";
            case 'T' -> "HH:mm:ss";
            default -> throw new Fault("unknown date directive %" + directive);
        };
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
    }
}
