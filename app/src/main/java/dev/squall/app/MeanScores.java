package dev.squall.app;

import dev.squall.classification.Scores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Mean and deviation of the scores of several runs. */
final class MeanScores {
    private static final Map<String, ToDoubleFunction<Scores>> METRICS = metrics();

    private final List<Scores> all = new ArrayList<>();

    private static Map<String, ToDoubleFunction<Scores>> metrics() {
        Map<String, ToDoubleFunction<Scores>> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", Scores::accuracy);
        metrics.put("microF1", Scores::microF1);
        metrics.put("macroF1", Scores::macroF1);
        return metrics;
    }

    void add(Scores scores) {
        all.add(scores);
    }

    /** Metric -> its spread: accuracy, microF1, macroF1. */
    Map<String, Spread> spreads() {
        Map<String, Spread> spreads = new LinkedHashMap<>();
        METRICS.forEach((name, metric) ->
                spreads.put(name, Spread.of(all.stream().mapToDouble(metric).toArray())));
        return spreads;
    }

    /** The three metrics in a line. */
    String line() {
        StringBuilder line = new StringBuilder();
        spreads()
                .forEach((name, spread) -> line.append(line.isEmpty() ? "" : ", ")
                        .append(String.format(Locale.ROOT, "%s %.4f ± %.4f", name, spread.mean(), spread.deviation())));
        return line.append(String.format(Locale.ROOT, " (%d runs)", all.size())).toString();
    }
}
