package dev.squall.model.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds tokens that are spelled out in a text: those that always count, and those that count only on request. */
final class SpecialTokens {
    private record Entry(String text, int id, boolean always, boolean stripsLeft) {}

    private final Map<Character, List<Entry>> byFirst = new HashMap<>(); // longest first

    /** @param stripLeft tokens that swallow the white space in front of them */
    SpecialTokens(Vocabulary vocabulary, Set<Integer> stripLeft) {
        for (int id = 0; id < vocabulary.size(); id++) {
            Vocabulary.Kind kind = vocabulary.kinds()[id];
            String piece = vocabulary.pieces()[id];
            boolean always = kind == Vocabulary.Kind.USER_DEFINED;
            if (piece != null && !piece.isEmpty() && (always || kind == Vocabulary.Kind.CONTROL)) {
                byFirst.computeIfAbsent(piece.charAt(0), c -> new ArrayList<>())
                        .add(new Entry(piece, id, always, stripLeft.contains(id)));
            }
        }
        byFirst.values()
                .forEach(entries -> entries.sort(
                        Comparator.comparingInt((Entry e) -> e.text.length()).reversed()));
    }

    /** Encodes a text; what lies between special tokens goes to the model. */
    void encode(String text, boolean parseSpecial, TokenModel model, Ids out) {
        int from = 0;
        for (int at = 0; at < text.length(); ) {
            Entry entry = match(text, at, parseSpecial);
            if (entry == null) {
                at++;
                continue;
            }
            String before = text.substring(from, at);
            model.encode(entry.stripsLeft ? before.stripTrailing() : before, from == 0, out);
            out.add(entry.id);
            at += entry.text.length();
            from = at;
        }
        model.encode(text.substring(from), from == 0, out);
    }

    private Entry match(String text, int at, boolean parseSpecial) {
        List<Entry> entries = byFirst.get(text.charAt(at));
        if (entries != null) {
            for (Entry entry : entries) {
                if ((entry.always || parseSpecial) && text.startsWith(entry.text, at)) {
                    return entry;
                }
            }
        }
        return null;
    }
}
