package dev.squall.app;

import dev.squall.classification.ConfusionPlot;
import dev.squall.classification.Scores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** How the scores of a classifier are told: a table or JSON, and a drawing of what was taken for what. */
final class ScoresReport {
    @Option(names = "--json", description = "Print one JSON object: accuracy, microF1, macroF1, examples.")
    private boolean json;

    @Option(names = "--confusion", paramLabel = "PNG", description = "Draw the confusion matrix.")
    private Path confusion;

    void tell(Scores scores, Console console) throws IOException {
        if (confusion != null) {
            ConfusionPlot.draw(scores, confusion);
        }
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("accuracy", scores.accuracy());
            object.put("microF1", scores.microF1());
            object.put("macroF1", scores.macroF1());
            object.put("examples", scores.total());
            console.json(object);
            return;
        }
        console.out()
                .printf(
                        Locale.ROOT,
                        "%saccuracy %.4f, micro-F1 %.4f, macro-F1 %.4f (%d examples)%n",
                        scores.table(),
                        scores.accuracy(),
                        scores.microF1(),
                        scores.macroF1(),
                        scores.total());
    }
}
