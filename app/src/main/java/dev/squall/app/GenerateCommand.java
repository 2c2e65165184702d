package dev.squall.app;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Squall;
import dev.squall.Token;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall generate}: continues a text. */
@Command(
        name = "generate",
        description =
                "Continues a text as it stands. The completion goes to standard output, statistics to standard error.")
final class GenerateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private LoadingOptions model;

    @Mixin
    private SamplingOptions sampling;

    @Mixin
    private DraftOptions draft;

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            defaultValue = "Once upon a time",
            description = "The text to continue; default: ${DEFAULT-VALUE}.")
    private String prompt;

    @Option(names = "--special", description = "Read special tokens in the prompt as such, not as plain text.")
    private boolean special;

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: prompt, text, tokens, finishReason, promptTokens, completionTokens, timings;"
                            + " with --draft also speculation, in which guessed says of every token whether it was guessed.")
    private boolean json;

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Speculation speculation = draft.speculation();
        sampling.options(special, speculation); // wrong usage is found before loading
        long start = System.nanoTime();
        try (Squall squall = model.load(draft)) {
            double loadSeconds = (System.nanoTime() - start) / 1e9;
            GenerationOptions options = sampling.options(special, speculation, squall, json);
            Generation result = squall.generate(prompt, options, token -> {
                if (!json) {
                    console.out().print(token.text());
                    console.out().flush();
                }
                return !console.out().checkError();
            });
            if (json) {
                Map<String, Object> object = describe(result, loadSeconds);
                if (draft.areNamed()) {
                    object.put("speculation", DraftOptions.describe(result));
                }
                console.json(object);
            } else {
                console.out().println();
                console.err().println(Statistics.line(result, loadSeconds));
                if (draft.report(result.speculation())) {
                    console.err().println(DraftOptions.line(result.speculation()));
                }
            }
        }
        return 0;
    }

    private static Map<String, Object> describe(Generation result, double loadSeconds) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("prompt", result.prompt());
        object.put("text", result.text());
        object.put("tokens", result.tokens().stream().map(Token::id).toList());
        object.put("finishReason", result.finishReason().label());
        object.put("promptTokens", result.promptTokens());
        object.put("completionTokens", result.completionTokens());
        Map<String, Object> timings = new LinkedHashMap<>();
        timings.put("loadSeconds", loadSeconds);
        timings.put("promptSeconds", result.timings().prompt());
        timings.put("generationSeconds", result.timings().generation());
        timings.put("promptTokensPerSecond", result.promptTokensPerSecond());
        timings.put("generationTokensPerSecond", result.tokensPerSecond());
        object.put("timings", timings);
        return object;
    }

    /** The line of figures after a generation. */
    static final class Statistics {
        private Statistics() {}

        static String line(Generation result, double loadSeconds) {
            return String.format(
                    Locale.ROOT,
                    "squall: loaded in %.2f s; prompt %d tokens, %.1f tokens/s; completion %d tokens, %.1f tokens/s; %s",
                    loadSeconds,
                    result.promptTokens(),
                    result.promptTokensPerSecond(),
                    result.completionTokens(),
                    result.tokensPerSecond(),
                    result.finishReason().label());
        }
    }
}
