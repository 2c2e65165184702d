package dev.squall.model.tokenizer;

import dev.squall.model.format.ModelFileException;
import dev.squall.model.tokenizer.Vocabulary.Kind;
import dev.squall.model.tokenizer.Vocabulary.Spelling;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads a tokenizer of llama2.c: the length of the longest piece, then score, length and bytes of every piece. Unknown,
 * beginning and end of sequence are tokens 0, 1 and 2, the bytes follow. The beginning always belongs to a prompt.
 */
final class Llama2cTokenizer {
    private static final int BOS = 1;
    private static final int EOS = 2;
    private static final int FIRST_BYTE = 3;
    private static final long LARGEST = 64L << 20;

    private Llama2cTokenizer() {}

    static Tokenizer read(Path file) {
        ByteBuffer bytes = contents(file);
        List<String> pieces = new ArrayList<>();
        List<Float> scores = new ArrayList<>();
        try {
            int longest = bytes.getInt();
            while (bytes.hasRemaining()) {
                scores.add(bytes.getFloat());
                int length = bytes.getInt();
                if (length < 0 || length > longest || length > bytes.remaining()) {
                    throw new ModelFileException(
                            file, "length of token " + pieces.size(), Integer.toString(length), "0 to " + longest);
                }
                ByteBuffer piece = bytes.slice(bytes.position(), length);
                bytes.position(bytes.position() + length);
                pieces.add(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(piece)
                        .toString()
                        .replace(' ', Vocabulary.SPACE));
            }
        } catch (BufferUnderflowException e) {
            throw new ModelFileException(file, "token " + pieces.size(), "the end of the file", "a whole token", e);
        } catch (CharacterCodingException e) {
            throw new ModelFileException(file, "token " + pieces.size(), "bytes that are no UTF-8", "a string", e);
        }
        if (pieces.size() < FIRST_BYTE + 256) {
            throw new ModelFileException(
                    file, "tokens", Integer.toString(pieces.size()), "at least " + (FIRST_BYTE + 256));
        }
        Kind[] kinds = new Kind[pieces.size()];
        float[] values = new float[kinds.length];
        for (int id = 0; id < kinds.length; id++) {
            boolean octet = id >= FIRST_BYTE && id < FIRST_BYTE + 256;
            if (octet && !Vocabulary.looksLikeByte(pieces.get(id))) {
                throw new ModelFileException(file, "token " + id, "'" + pieces.get(id) + "'", "a byte such as <0x0A>");
            }
            kinds[id] = id == 0 ? Kind.UNKNOWN : id < FIRST_BYTE ? Kind.CONTROL : octet ? Kind.BYTE : Kind.NORMAL;
            values[id] = scores.get(id);
        }
        Vocabulary vocabulary = new Vocabulary(pieces.toArray(String[]::new), kinds, Spelling.SENTENCE_PIECE);
        TokenModel model = new SentencePieceBpe(vocabulary, values, 0, true);
        return new Tokenizer(vocabulary, model, BOS, true, Set.of(EOS, BOS), true);
    }

    private static ByteBuffer contents(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new ModelFileException(file, "file", Files.size(file) + " bytes", "at most " + LARGEST);
            }
            return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new ModelFileException(file, "file", e.toString(), "a tokenizer file of llama2.c", e);
        }
    }
}
