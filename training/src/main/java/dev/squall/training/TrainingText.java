package dev.squall.training;

import dev.squall.model.tokenizer.TextFiles;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Text as one run of tokens, every file closed by the end-of-sequence token.
 *
 * @param ids the tokens
 * @param bytes of the text in UTF-8
 */
public record TrainingText(int[] ids, long bytes) {
    /** The .txt files of a directory by name, without some of them. */
    private static List<Path> files(Path corpus, List<String> without) {
        if (!Files.isDirectory(corpus)) {
            throw new TrainingException("corpus: found no directory " + corpus + ", expected one with .txt files");
        }
        try {
            return TextFiles.of(corpus, without);
        } catch (IOException | IllegalArgumentException e) {
            throw new TrainingException("corpus: " + e.getMessage(), e);
        }
    }

    /** The texts of a run's corpus that it is trained on; more than a batch. */
    static TrainingText training(TrainingConfig config, Tokenizer tokenizer, Batch batch) {
        List<String> without = new ArrayList<>(config.exclude());
        without.add(config.heldOut());
        TrainingText text = read(files(config.corpus(), without), tokenizer);
        if (text.ids.length < batch.rows() + 2 * batch.length) {
            throw new TrainingException(config.corpus() + ": found " + text.ids.length
                    + " tokens, expected more than the " + batch.rows() + " of a batch");
        }
        return text;
    }

    /** Reads and encodes files in their order. */
    public static TrainingText read(List<Path> files, Tokenizer tokenizer) {
        int[] ids = new int[1 << 16];
        int count = 0;
        long bytes = 0;
        int end = tokenizer.endOfSequence().stream().sorted().findFirst().orElse(-1);
        for (Path file : files) {
            String text = text(file);
            bytes += text.getBytes(StandardCharsets.UTF_8).length;
            int[] tokens = tokenizer.encode(text, false);
            ids = Arrays.copyOf(ids, Math.max(ids.length, (count + tokens.length + 1) * 3 / 2));
            System.arraycopy(tokens, 0, ids, count, tokens.length);
            count += tokens.length;
            if (end >= 0) {
                ids[count++] = end;
            }
        }
        return new TrainingText(Arrays.copyOf(ids, count), bytes);
    }

    /**
     * Sentences of files with one JSON object a line, whose {@code token} is a list of words; each is closed by the end-of-sequence
     * token.
     */
    static TrainingText sentences(List<Path> files, Tokenizer tokenizer) {
        JsonMapper mapper = JsonMapper.builder().build();
        IntStream.Builder ids = IntStream.builder();
        long bytes = 0;
        int end = tokenizer.endOfSequence().stream().sorted().findFirst().orElse(-1);
        for (Path file : files) {
            List<String> lines = text(file).lines().toList();
            for (int line = 0; line < lines.size(); line++) {
                StringJoiner words = new StringJoiner(" ");
                try {
                    mapper.readTree(lines.get(line)).required("token").forEach(word -> words.add(word.stringValue()));
                } catch (JacksonException e) {
                    throw new TrainingException(
                            file + ": line " + (line + 1) + ": found " + e.getOriginalMessage()
                                    + ", expected a JSON object with a list of strings named token",
                            e);
                }
                bytes += words.toString().getBytes(StandardCharsets.UTF_8).length;
                for (int id : tokenizer.encode(words.toString(), false)) {
                    ids.add(id);
                }
                ids.add(end);
            }
        }
        return new TrainingText(ids.build().toArray(), bytes);
    }

    /** This text and another one behind it. */
    TrainingText and(TrainingText other) {
        int[] both = Arrays.copyOf(ids, ids.length + other.ids.length);
        System.arraycopy(other.ids, 0, both, ids.length, other.ids.length);
        return new TrainingText(both, bytes + other.bytes);
    }

    private static String text(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            if (text.indexOf('\0') >= 0) {
                throw new TrainingException(file + ": found a zero byte, expected plain text");
            }
            if (text.isBlank()) {
                throw new TrainingException(file + ": found no text, expected some");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new TrainingException(file + ": found bytes that are no UTF-8, expected plain text in UTF-8", e);
        } catch (IOException e) {
            throw new TrainingException(file + ": " + e, e);
        }
    }
}
