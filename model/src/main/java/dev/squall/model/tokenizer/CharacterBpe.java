package dev.squall.model.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * Byte-pair encoding over characters with byte fallback, as tokenizer.json describes SentencePiece models: the same pieces,
 * with ranked merges instead of scores.
 *
 * @param byteIds [256], -1 for a missing one
 * @param unknown the token for what has no bytes either, or -1
 * @param prefixSpace whether a space is put in front of the text
 */
record CharacterBpe(Vocabulary vocabulary, MergeTable merges, int[] byteIds, int unknown, boolean prefixSpace)
        implements TokenModel {

    @Override
    public void encode(String text, boolean first, Ids out) {
        if (text.isEmpty()) {
            return;
        }
        String input = (prefixSpace && first ? " " + text : text).replace(' ', Vocabulary.SPACE);
        Ids initial = new Ids();
        input.codePoints().forEach(c -> {
            String character = Character.toString(c);
            int id = vocabulary.id(character);
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
