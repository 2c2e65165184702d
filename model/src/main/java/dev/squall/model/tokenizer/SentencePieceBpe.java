package dev.squall.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * SentencePiece's byte-pair encoding (Kudo and Richardson 2018): characters merge into the neighbouring piece of the highest
 * score; a character that is no piece becomes its bytes.
 */
final class SentencePieceBpe implements TokenModel {
    private final Vocabulary vocabulary;
    private final int[] ranks; // [vocab], 0 for the highest score; equal scores have equal ranks
    private final int[] byteIds;
    private final int unknown;
    private final boolean prefixSpace;

    /**
     * @param scores [vocab]
     * @param unknown the token for what has no bytes either, or -1
     * @param prefixSpace whether a space is put in front of a text, also after a special token
     */
    SentencePieceBpe(Vocabulary vocabulary, float[] scores, int unknown, boolean prefixSpace) {
        this.vocabulary = vocabulary;
        this.byteIds = vocabulary.byteIds();
        this.unknown = unknown;
        this.prefixSpace = prefixSpace;
        float[] descending = scores.clone();
        Arrays.sort(descending); // ascending: a rank counts from the end
        this.ranks = new int[scores.length];
        for (int id = 0; id < scores.length; id++) {
            ranks[id] = descending.length - 1 - lastIndexOf(descending, scores[id]);
        }
    }

    private static int lastIndexOf(float[] ascending, float value) {
        int low = 0;
        int high = ascending.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (Float.compare(ascending[middle], value) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    @Override
    public void encode(String text, boolean first, Ids out) {
        if (text.isEmpty()) {
            return;
        }
        String input = (prefixSpace ? " " + text : text).replace(' ', Vocabulary.SPACE);
        int n = input.codePointCount(0, input.length());
        int[] start = new int[n]; // of each symbol, in chars
        int[] end = new int[n];
        for (int i = 0, at = 0; i < n; i++) {
            start[i] = at;
            at = input.offsetByCodePoints(at, 1);
            end[i] = at;
        }
        int[] left = MergeQueue.merge(n, new MergeQueue.Pairs() {
            @Override
            public int rank(int l, int r) {
                int id = vocabulary.textId(input.substring(start[l], end[r]));
                return id < 0 ? -1 : ranks[id];
            }

            @Override
            public void merge(int l, int r) {
                end[l] = end[r];
            }
        });
        for (int symbol : left) {
            add(input.substring(start[symbol], end[symbol]), out);
        }
    }

    private void add(String piece, Ids out) {
        int id = vocabulary.textId(piece);
        if (id >= 0) {
            out.add(id);
            return;
        }
        for (byte b : piece.getBytes(StandardCharsets.UTF_8)) {
            int byteId = byteIds[b & 0xFF];
            if (byteId >= 0) {
                out.add(byteId);
            } else if (unknown >= 0) {
                out.add(unknown);
                return;
            }
        }
    }
}
