package dev.squall.training;

import dev.squall.training.Objective.Evaluation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The course of a run: a line of CSV a step and a measurement, and a drawing of them. A resumed run continues the file after the
 * step that it resumes from.
 */
final class LossCurve {
    private static final String HEADER = "step,loss,rate,gradient_norm,held_out_loss,bits_per_byte,top1,top5";
    private static final int SMOOTH = 50; // steps of a mean in the drawing

    private final Path file;
    private final List<double[]> steps = new ArrayList<>(); // {step, loss}
    private final List<double[]> evaluations = new ArrayList<>(); // {step, held-out loss}

    private LossCurve(Path file) {
        this.file = file;
    }

    static LossCurve open(Path file, int step) throws IOException {
        LossCurve curve = new LossCurve(file);
        List<String> kept = new ArrayList<>(List.of(HEADER));
        if (step > 0 && Files.exists(file)) {
            List<String> lines = Files.readAllLines(file);
            for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
                String[] cells = line.split(",", -1);
                if (cells.length == 8 && Integer.parseInt(cells[0]) <= step) {
                    kept.add(line);
                    curve.remember(cells);
                }
            }
        }
        Files.write(file, kept, StandardCharsets.UTF_8);
        return curve;
    }

    private void remember(String[] cells) {
        double at = Double.parseDouble(cells[0]);
        if (cells[1].isEmpty()) {
            evaluations.add(new double[] {at, Double.parseDouble(cells[4])});
        } else {
            steps.add(new double[] {at, Double.parseDouble(cells[1])});
        }
    }

    void step(int step, double loss, double rate, double norm) throws IOException {
        append(String.format(Locale.ROOT, "%d,%.5f,%.6g,%.4f,,,,", step, loss, rate, norm));
        steps.add(new double[] {step, loss});
    }

    void evaluated(int step, Evaluation evaluation) throws IOException {
        append(String.format(
                Locale.ROOT,
                "%d,,,,%.5f,%s,%s,%s",
                step,
                evaluation.loss(),
                cell(evaluation.bitsPerByte()),
                cell(evaluation.top1()),
                cell(evaluation.top5())));
        evaluations.add(new double[] {step, evaluation.loss()});
    }

    private static String cell(double figure) {
        return Double.isNaN(figure) ? "" : String.format(Locale.ROOT, "%.5f", figure);
    }

    private void append(String line) throws IOException {
        Files.writeString(file, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    /** Draws the mean loss of every few steps, and the measurements. */
    void draw(Path png) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(500)
                .xAxisTitle("step")
                .yAxisTitle("loss (nats a token)")
                .build();
        series(chart, "training, mean of " + SMOOTH, means(steps));
        series(chart, "held-out", evaluations);
        if (!chart.getSeriesMap().isEmpty()) {
            BitmapEncoder.saveBitmap(chart, png.toString(), BitmapFormat.PNG);
        }
    }

    private static List<double[]> means(List<double[]> points) {
        List<double[]> means = new ArrayList<>();
        for (int from = 0; from < points.size(); from += SMOOTH) {
            List<double[]> some = points.subList(from, Math.min(points.size(), from + SMOOTH));
            means.add(new double[] {
                some.getLast()[0],
                some.stream().mapToDouble(each -> each[1]).average().orElseThrow()
            });
        }
        return means;
    }

    private static void series(XYChart chart, String name, List<double[]> points) {
        if (!points.isEmpty()) {
            chart.addSeries(
                            name,
                            points.stream().mapToDouble(each -> each[0]).toArray(),
                            points.stream().mapToDouble(each -> each[1]).toArray())
                    .setMarker(SeriesMarkers.NONE);
        }
    }
}
