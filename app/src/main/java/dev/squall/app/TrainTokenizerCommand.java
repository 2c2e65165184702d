package dev.squall.app;

import dev.squall.model.tokenizer.BpeTrainer;
import dev.squall.model.tokenizer.BpeTrainer.Learned;
import dev.squall.model.tokenizer.TextFiles;
import dev.squall.model.tokenizer.TokenizerWriter;
import dev.squall.model.tokenizer.WordCounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code squall train-tokenizer}: a text's own byte-level BPE vocabulary, as tokenizer.json. */
@Command(
        name = "train-tokenizer",
        description = "Learns a byte-level BPE vocabulary and writes tokenizer.json and tokenizer_config.json.",
        footer = "The same text, words and options give the same files.")
final class TrainTokenizerCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--corpus",
            paramLabel = "DIR",
            required = true,
            description = "The text: all .txt files of a directory, or one file, in UTF-8.")
    private Path corpus;

    @Option(
            names = "--exclude",
            paramLabel = "NAME",
            split = ",",
            description = "File of the directory that is left out, such as a held-out book. May be repeated.")
    private List<String> exclude = List.of();

    @Option(
            names = "--vocab",
            paramLabel = "N",
            required = true,
            description = "How many tokens, with the 256 bytes and the special ones.")
    private int vocabulary;

    @Option(
            names = "--require",
            paramLabel = "FILE",
            description = "Words, one a line, that become one token each, with and without a space in front.")
    private Path require;

    @Option(
            names = "--special",
            paramLabel = "TOKENS",
            defaultValue = "decoder",
            description = "Special tokens: decoder (<s>,</s>; the default), encoder (<s>,<pad>,</s>,<unk>,<mask>),"
                    + " or names of your own with commas between.")
    private String special;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            required = true,
            description = "Where the files are written.")
    private Path output;

    TrainTokenizerCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        List<String> required = require == null
                ? List.of()
                : TextFile.read(require)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
        WordCounts counts = new WordCounts();
        List<Path> files = TextFiles.of(corpus, exclude);
        for (int i = 0; i < files.size(); i++) {
            counts.addFile(files.get(i));
            console.err().printf("file %d of %d, %d different words%n", i + 1, files.size(), counts.size());
        }
        if (counts.givenUp() > 0) {
            console.err().println(counts.givenUp() + " rare words were given up to bound the memory");
        }
        Learned learned = BpeTrainer.learn(counts, vocabulary, required, specialTokens(), console.err()::println);
        for (String word : learned.unspaced()) {
            console.err().println("'" + word + "' is one token only without a space in front: words are cut there");
        }
        if (learned.pieces().size() < vocabulary) {
            console.err()
                    .println("the text has patterns for " + learned.pieces().size() + " tokens only, " + vocabulary
                            + " were asked for");
        }
        TokenizerWriter.write(learned, output);
        console.out()
                .println(output.resolve("tokenizer.json") + ": "
                        + learned.pieces().size() + " tokens, "
                        + learned.merges().size() + " merges");
        return 0;
    }

    private List<String> specialTokens() {
        return switch (special) {
            case "decoder" -> TokenizerWriter.DECODER;
            case "encoder" -> TokenizerWriter.ENCODER;
            default -> List.of(special.split(",", -1));
        };
    }
}
