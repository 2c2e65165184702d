package dev.squall.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/**
 * Byte-level byte-pair encoding (Radford et al. 2019): a text is cut into words, a word is its bytes, and pairs merge by
 * rank.
 *
 * @param byteIds [256], the tokens of single bytes
 * @param wholeWords whether a word that is a token needs no merges (Llama 3's "ignore_merges")
 * @param prefixSpace whether a text is given a space in front if it has none
 * @param compose whether the text is put into Unicode's composed form (NFC) first
 */
record ByteLevelBpe(
        Vocabulary vocabulary,
        MergeTable merges,
        PreTokenizer words,
        int[] byteIds,
        boolean wholeWords,
        boolean prefixSpace,
        boolean compose)
        implements TokenModel {

    @Override
    public void encode(String text, boolean first, Ids out) {
        String input = compose ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
        if (prefixSpace && !input.isEmpty() && !input.startsWith(" ")) {
            input = " " + input;
        }
        for (String word : words.split(input)) {
            encodeWord(word.getBytes(StandardCharsets.UTF_8), out);
        }
    }

    private void encodeWord(byte[] bytes, Ids out) {
        if (wholeWords) {
            int whole = vocabulary.textId(ByteAlphabet.encode(bytes));
            if (whole >= 0) {
                out.add(whole);
                return;
            }
        }
        int[] symbols = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            symbols[i] = byteIds[bytes[i] & 0xFF];
        }
        for (int place : mergeAll(symbols, merges)) {
            if (symbols[place] >= 0) {
                out.add(symbols[place]);
            }
        }
    }

    /** Merges symbols in place and returns the places of those that are left. */
    static int[] mergeAll(int[] symbols, MergeTable merges) {
        return MergeQueue.merge(symbols.length, new MergeQueue.Pairs() {
            @Override
            public int rank(int left, int right) {
                return merges.rank(symbols[left], symbols[right]);
            }

            @Override
            public void merge(int left, int right) {
                symbols[left] = merges.merged(symbols[left], symbols[right]);
            }
        });
    }
}
