package dev.squall.app;

import dev.squall.ModelInfo;
import dev.squall.Perplexity;
import dev.squall.Squall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall perplexity}: how well a model predicts a text. */
@Command(
        name = "perplexity",
        description = {
            "Measures how well the model predicts a text.",
            "Windows of the trained context, or of --context, that do not overlap; each begins with the"
                    + " beginning-of-sequence token."
        })
final class PerplexityCommand implements Callable<Integer> {
    /** No text has more tokens than bytes, but for one in front and a space that the tokenizer adds. */
    private static final int MARGIN = 2;

    private final Console console;

    @Mixin
    private LoadingOptions model;

    @Option(names = "--file", paramLabel = "F", required = true, description = "The text, in UTF-8.")
    private Path file;

    @Option(names = "--json", description = "Print one JSON object: perplexity, bitsPerByte, tokens, bytes, window.")
    private boolean json;

    PerplexityCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        int trained = ModelInfo.read(model.path()).contextLength();
        String text = TextFile.read(file);
        int enough = Math.toIntExact(Math.min(trained, Files.size(file) + MARGIN));
        try (Squall squall = model.load(enough)) {
            Perplexity result = measure(squall, text);
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("perplexity", result.perplexity());
                object.put("bitsPerByte", result.bitsPerByte());
                object.put("tokens", result.tokens());
                object.put("bytes", result.bytes());
                object.put("window", result.window());
                console.json(object);
            } else {
                console.out()
                        .printf(
                                Locale.ROOT,
                                "perplexity %.4f, %.4f bits per byte (%d tokens, %d bytes, windows of %d)%n",
                                result.perplexity(),
                                result.bitsPerByte(),
                                result.tokens(),
                                result.bytes(),
                                result.window());
            }
        }
        return 0;
    }

    private static Perplexity measure(Squall squall, String text) {
        if (System.console() == null) {
            return squall.perplexity(text, progress -> {});
        }
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("perplexity")
                .setStyle(ProgressBarStyle.ASCII)
                .build()) {
            return squall.perplexity(text, progress -> {
                bar.maxHint((long) progress[1]);
                bar.stepTo((long) progress[0]);
            });
        }
    }
}
