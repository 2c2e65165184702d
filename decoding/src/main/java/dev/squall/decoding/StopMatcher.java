package dev.squall.decoding;

import dev.squall.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Holds tokens back while their text may be the beginning of a stop string, and cuts the text where one is complete.
 *
 * <p>Tokens come out in order, each with the text that it adds for good. A token without text of its own, such as the
 * first bytes of a character, waits for the next one.
 */
final class StopMatcher {
    private final List<String> stops;
    private final Deque<Token> held = new ArrayDeque<>();
    private final StringBuilder tail = new StringBuilder(); // the text of the held tokens
    private boolean matched;

    StopMatcher(List<String> stops) {
        this.stops = stops;
    }

    /** Takes a token and returns those that are certain now. */
    List<Token> accept(Token token) {
        held.add(token);
        tail.append(token.text());
        int cut = firstStop();
        if (cut >= 0) {
            matched = true;
            tail.setLength(cut);
            return release(cut, true);
        }
        return release(tail.length() - possibleBeginning(), false);
    }

    /** Whether a stop string is complete. */
    boolean matched() {
        return matched;
    }

    /**
     * Returns the tokens that are left at the end of a text.
     *
     * @param rest text that the last of them adds, such as the substitute for an incomplete character
     */
    List<Token> flush(String rest) {
        if (!rest.isEmpty() && !held.isEmpty()) {
            Token last = held.removeLast();
            held.add(last.withText(last.text() + rest));
            tail.append(rest);
        }
        return release(tail.length(), true);
    }

    private int firstStop() {
        int first = -1;
        for (String stop : stops) {
            int at = tail.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /** The length of the longest end of the tail that is the beginning of a stop string. */
    private int possibleBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, tail.length()); length > longest; length--) {
                if (stop.startsWith(tail.substring(tail.length() - length))) {
                    longest = length;
                    break;
                }
            }
        }
        return longest;
    }

    /** Lets go the tokens whose text lies before a place; at the end all of them, with their text cut off there. */
    private List<Token> release(int end, boolean all) {
        List<Token> released = new ArrayList<>();
        int from = 0;
        while (!held.isEmpty()) {
            Token token = held.peek();
            int length = token.text().length();
            if (all) {
                int keep = Math.clamp(end - from, 0, length);
                released.add(
                        keep == length ? token : token.withText(token.text().substring(0, keep)));
            } else if (length > 0 && from + length <= end) {
                released.add(token);
            } else if (length == 0 && from < end) {
                released.add(token);
            } else {
                break;
            }
            held.remove();
            from += length;
        }
        tail.delete(0, Math.min(from, tail.length()));
        return released;
    }
}
