package dev.squall.classification;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;

/**
 * A drawing of a confusion matrix: a row a true class, a column a prediction, the first class at the top left. A cell says what
 * percentage of its row it is, so that rare classes are as visible as common ones; empty cells say nothing.
 */
public final class ConfusionPlot {
    private static final int CELL = 44; // pixels
    private static final int LABELS = 260; // pixels beside and below the cells

    private ConfusionPlot() {}

    /**
     * Draws a PNG.
     *
     * @throws IllegalArgumentException if nothing was counted
     */
    public static void draw(Scores scores, Path png) throws IOException {
        if (scores.total() == 0) {
            throw new IllegalArgumentException(png + ": found no example that was counted, expected some");
        }
        int classes = scores.labels().size();
        int[][] counts = scores.confusion();
        boolean unanswered = IntStream.range(0, classes).anyMatch(y -> counts[y][classes] > 0);
        List<String> columns = new ArrayList<>(scores.labels());
        if (unanswered) {
            columns.add("no answer");
        }
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(columns.size() * CELL + LABELS + 100)
                .height(classes * CELL + LABELS)
                .xAxisTitle("predicted")
                .yAxisTitle("true")
                .build();
        HeatMapStyler styler = chart.getStyler();
        styler.setXAxisLabelRotation(90);
        styler.setPlotContentSize(1);
        styler.setShowValue(true);
        styler.setHeatMapValueDecimalPattern("0");
        styler.setRangeColors(new Color[] {Color.WHITE, new Color(230, 60, 40)});
        styler.setMin(0);
        styler.setMax(100);
        chart.addSeries("% of true", columns, scores.labels().reversed(), cells(counts, columns.size()));
        Path parent = png.toAbsolutePath().getParent();
        Files.createDirectories(parent);
        BitmapEncoder.saveBitmap(chart, png.toString(), BitmapFormat.PNG);
    }

    /** {column, row from below, percentage}. */
    private static List<Number[]> cells(int[][] counts, int columns) {
        List<Number[]> cells = new ArrayList<>();
        for (int y = 0; y < counts.length; y++) {
            int truths = IntStream.of(counts[y]).sum();
            for (int x = 0; x < columns; x++) {
                if (counts[y][x] > 0) {
                    cells.add(new Number[] {x, counts.length - 1 - y, 100.0 * counts[y][x] / truths});
                }
            }
        }
        return cells;
    }
}
