package dev.squall.app;

import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Squall;
import dev.squall.Token;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code squall verify}: whether a device gives the tokens and the probabilities that the JVM gives. A process is either
 * JVM or device, so there are two: the first records to a file, the second compares; the launcher runs one after the other.
 */
@Command(
        name = "verify",
        description = {
            "Compares a device with the JVM: greedy tokens of a few prompts, and log-probabilities.",
            "The log-probabilities are those of the likeliest tokens at each place. Exit code 1 if they differ."
        })
final class VerifyCommand implements Callable<Integer> {
    private static final int LIKELIEST = 20; // recorded at each place
    private static final List<String> PROMPTS = List.of(
            "Once upon a time",
            "1 2 3 5 8 13",
            "The quick brown fox jumps over the lazy dog. ".repeat(3),
            "a long text with more than one chunk of rows and several pages ".repeat(8));

    private final Console console;

    @Mixin
    private LoadingOptions model;

    @Option(names = "--tokens", paramLabel = "N", description = "Tokens after each prompt; default 16.")
    private int tokens = 16;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            description = "Largest difference of a log-probability that passes; default 0.001.")
    private double tolerance = 1e-3;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "Compute on the JVM and write to FILE; no comparison.")
    private Path record;

    @Option(names = "--expect", paramLabel = "FILE", description = "Compare with what --record has written to FILE.")
    private Path expect;

    @Option(names = "--json", description = "Print one JSON array, an object a prompt.")
    private boolean json;

    VerifyCommand(Console console) {
        this.console = console;
    }

    /**
     * What one side computes.
     *
     * @param model the model's path
     * @param texts one for each prompt
     */
    record Recording(String model, List<Text> texts) {}

    /** A prompt and the places after it. */
    record Text(String prompt, List<Place> places) {}

    /**
     * A generated token.
     *
     * @param likeliest log-probabilities of the likeliest tokens, by id
     */
    record Place(int id, Map<Integer, Double> likeliest) {}

    /**
     * How two texts compare.
     *
     * @param tokens how many the first has
     * @param same how many are the same before the first that differs
     * @param difference the largest between two log-probabilities up to there; infinite where a token is not among the
     *     likeliest of the other side
     */
    record Comparison(String prompt, int tokens, int same, double difference) {
        boolean passes(double tolerance) {
            return same == tokens && difference <= tolerance;
        }
    }

    @Override
    public Integer call() {
        if (tokens < 1 || !(tolerance >= 0)) {
            throw model.wrongUsage("found --tokens " + tokens + ", --tolerance " + tolerance
                    + ", expected at least 1 and a number from 0");
        }
        if (record != null) {
            try (Squall squall = model.loadOnJvm()) {
                JsonMapper.shared().writeValue(record.toFile(), compute(squall, LIKELIEST));
            }
            return 0;
        }
        if (expect == null) {
            model.path();
            throw model.wrongUsage("no device to compare with the JVM: './squall verify --device DEVICE', where DEVICE "
                    + "is one of './squall devices'");
        }
        Recording expected = JsonMapper.shared().readValue(expect.toFile(), Recording.class);
        if (!expected.model().equals(model.path().toString())) {
            throw new IllegalArgumentException(
                    expect + ": model: found " + expected.model() + ", expected " + model.path());
        }
        Recording found;
        try (Squall squall = model.load()) {
            found = compute(squall, 2 * LIKELIEST);
        }
        List<Comparison> all = new ArrayList<>();
        for (int i = 0; i < PROMPTS.size(); i++) {
            all.add(compare(expected.texts().get(i), found.texts().get(i)));
        }
        print(all);
        return all.stream().allMatch(one -> one.passes(tolerance)) ? 0 : Main.FAILED;
    }

    private Recording compute(Squall squall, int alternatives) {
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(tokens)
                .ignoreEndOfSequence(true)
                .speculation(Speculation.none())
                .alternatives(alternatives)
                .build();
        List<Text> texts = new ArrayList<>();
        for (String prompt : PROMPTS) {
            int[] ids = squall.tokenizer().encodePrompt(prompt, false);
            int room = Math.max(1, squall.contextLength() - tokens);
            ids = Arrays.copyOf(ids, Math.min(ids.length, room));
            texts.add(new Text(
                    prompt,
                    squall.generate(ids, options).tokens().stream()
                            .map(VerifyCommand::place)
                            .toList()));
        }
        return new Recording(model.path().toString(), texts);
    }

    private static Place place(Token token) {
        return new Place(
                token.id(),
                token.alternatives().stream()
                        .collect(Collectors.toMap(Token.Alternative::id, Token.Alternative::logProbability)));
    }

    static Comparison compare(Text expected, Text found) {
        int count = expected.places().size();
        int same = 0;
        double difference = 0;
        boolean together = true;
        for (int i = 0; i < count && together; i++) {
            Place one = expected.places().get(i);
            Place other = i < found.places().size() ? found.places().get(i) : new Place(-1, Map.of());
            for (Map.Entry<Integer, Double> likely : one.likeliest().entrySet()) {
                double there = other.likeliest().getOrDefault(likely.getKey(), Double.NEGATIVE_INFINITY);
                difference = Math.max(difference, Math.abs(likely.getValue() - there)); // NaN stays NaN
            }
            together = one.id() == other.id();
            same += together ? 1 : 0;
        }
        return new Comparison(expected.prompt(), count, same, difference);
    }

    private void print(List<Comparison> all) {
        if (json) {
            console.json(all.stream().map(this::describe).toList());
            return;
        }
        console.out().printf("%-28s %8s %8s %22s  %s%n", "prompt", "tokens", "same", "largest difference", "result");
        for (Comparison one : all) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%-28s %8d %8d %22.2e  %s%n",
                            one.prompt().substring(0, Math.min(28, one.prompt().length())),
                            one.tokens(),
                            one.same(),
                            one.difference(),
                            one.passes(tolerance) ? "passed" : "FAILED");
        }
    }

    private Map<String, Object> describe(Comparison one) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("prompt", one.prompt());
        object.put("tokens", one.tokens());
        object.put("same", one.same());
        object.put("difference", one.difference());
        object.put("passed", one.passes(tolerance));
        return object;
    }
}
