package dev.squall.app;

import dev.squall.model.ngram.ByteNgrams;
import dev.squall.model.tokenizer.TextFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code squall ngram}: what counts of bytes make of a held-out text, the baseline of trained models. */
@Command(
        name = "ngram",
        description = "Bits per byte of a text under an interpolated byte n-gram model (Witten-Bell) of other texts.")
final class NgramCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--corpus",
            paramLabel = "DIR",
            required = true,
            description =
                    "The texts that are counted: all .txt files of a directory but the held-out one, or one file.")
    private Path corpus;

    @Option(names = "--file", paramLabel = "F", required = true, description = "The held-out text.")
    private Path file;

    @Option(names = "--order", paramLabel = "N", defaultValue = "5", description = "1 to 5; default: 5.")
    private int order;

    NgramCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        List<Path> texts = texts();
        ByteNgrams.Cost cost = ByteNgrams.of(order, texts).measure(file);
        console.out()
                .printf(
                        Locale.ROOT,
                        "%.4f bits per byte (%d bytes, order %d, counted in %d files)%n",
                        cost.bitsPerByte(),
                        cost.bytes(),
                        order,
                        texts.size());
        return 0;
    }

    private List<Path> texts() throws IOException {
        Path held = file.toRealPath();
        List<Path> texts = TextFiles.of(corpus, List.of());
        List<Path> others = new java.util.ArrayList<>();
        for (Path text : texts) {
            if (!text.toRealPath().equals(held)) {
                others.add(text);
            }
        }
        if (others.isEmpty()) {
            throw new IllegalArgumentException(
                    corpus + ": found no .txt file besides " + file + ", expected texts to count");
        }
        return others;
    }
}
