package dev.squall.model.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * Byte-pair encoding over characters with byte fallback, as tokenizer.json describes SentencePiece models: the same pieces,
 * with ranked merges instead of scores.
 *
 * @param byteIds [256], -1 for a missing one
 * @param unknown the token for what has no bytes either, or -1
 * @param prefix where a space is put in front of a text
 * @param words whether a space begins a word that merges do not cross
 */
record CharacterBpe(Vocabulary vocabulary, MergeTable merges, int[] byteIds, int unknown, Prefix prefix, boolean words)
        implements TokenModel {

    /** Where a space is put in front of a text that is not empty. */
    enum Prefix {
        NEVER,
        /** The normaliser "Prepend": before every text, also between special tokens. */
        ALWAYS,
        /** The pre-tokeniser "Metaspace": the same, but not where the text begins with one. */
        UNLESS_THERE,
        /** Its scheme "first": only where the input begins. */
        FIRST_UNLESS_THERE;

        boolean applies(String text, boolean first) {
            return switch (this) {
                case NEVER -> false;
                case ALWAYS -> true;
                case UNLESS_THERE -> text.charAt(0) != Vocabulary.SPACE;
                case FIRST_UNLESS_THERE -> first && text.charAt(0) != Vocabulary.SPACE;
            };
        }
    }

    @Override
    public void encode(String text, boolean first, Ids out) {
        if (text.isEmpty()) {
            return;
        }
        String input = text.replace(' ', Vocabulary.SPACE);
        if (prefix.applies(input, first)) {
            input = Vocabulary.SPACE + input;
        }
        for (int from = 0, to; from < input.length(); from = to) {
            int next = words ? input.indexOf(Vocabulary.SPACE, from + 1) : -1;
            to = next < 0 ? input.length() : next;
            encodeWord(input.substring(from, to), out);
        }
    }

    private void encodeWord(String word, Ids out) {
        Ids initial = new Ids();
        word.codePoints().forEach(c -> {
            String character = Character.toString(c);
            int id = vocabulary.textId(character);
            if (id >= 0) {
                initial.add(id);
            } else {
                addBytes(character.getBytes(StandardCharsets.UTF_8), initial);
            }
        });
        int[] symbols = initial.toArray();
        for (int place : ByteLevelBpe.mergeAll(symbols, merges)) {
            out.add(symbols[place]);
        }
    }

    private void addBytes(byte[] bytes, Ids out) {
        for (byte b : bytes) {
            if (byteIds[b & 0xFF] < 0) {
                if (unknown >= 0) {
                    out.add(unknown);
                }
                return;
            }
        }
        for (byte b : bytes) {
            out.add(byteIds[b & 0xFF]);
        }
    }
}
