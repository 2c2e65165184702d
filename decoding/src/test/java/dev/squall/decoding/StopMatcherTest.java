package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    private static Token token(int id, String text) {
        return new Token(id, text, id, Double.NaN, List.of(), false);
    }

    private static String text(List<Token> tokens) {
        return tokens.stream().map(Token::text).collect(Collectors.joining());
    }

    @Test
    void cutsWhereTheFirstStopStringBegins() {
        StopMatcher matcher = new StopMatcher(List.of("END", "NDX"));
        assertThat(text(matcher.accept(token(0, "abE")))).isEmpty();
        assertThat(text(matcher.accept(token(1, "N")))).isEmpty();
        assertThat(text(matcher.accept(token(2, "Dxyz")))).isEqualTo("ab");
        assertThat(matcher.matched()).isTrue();
    }

    @Test
    void letsGoWhatTurnedOutToBeNoStopString() {
        StopMatcher matcher = new StopMatcher(List.of("END"));
        matcher.accept(token(0, "abEN"));
        assertThat(text(matcher.accept(token(1, "C ")))).isEqualTo("abENC ");
        assertThat(text(matcher.flush("\uFFFD"))).isEmpty();
    }

    @Test
    void givesTheTextBeforeTheFirstStopStringHoweverTheTextIsCut() {
        Random random = new Random(5);
        for (int trial = 0; trial < 2000; trial++) {
            String all = random.ints(30, 'a', 'd').mapToObj(Character::toString).collect(Collectors.joining());
            List<String> stops = List.of("abca", "bb", "cab");
            StopMatcher matcher = new StopMatcher(stops);
            List<Token> released = new ArrayList<>();
            for (int at = 0, id = 0; at < all.length() && !matcher.matched(); id++) {
                int end = Math.min(all.length(), at + random.nextInt(4));
                released.addAll(matcher.accept(token(id, all.substring(at, end))));
                at = end;
            }
            released.addAll(matcher.flush(""));
            int first = stops.stream()
                    .mapToInt(all::indexOf)
                    .filter(i -> i >= 0)
                    .min()
                    .orElse(all.length());
            assertThat(text(released)).as(all).isEqualTo(all.substring(0, first));
            for (int i = 0; i < released.size(); i++) {
                assertThat(released.get(i).id()).isEqualTo(i);
            }
        }
    }
}
