package dev.squall.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import tools.jackson.databind.JsonNode;

/**
 * Draws the figures of {@link SpeculativeBench}: tokens a second and acceptance length against V, the tokens that a draft of
 * fixed shape may guess, beside plain decoding.
 */
final class SpeculationPlot {
    private static final Set<String> NEEDED = Set.of("mode", "draftVocab", "tokensPerSecond", "acceptedLength");

    private SpeculationPlot() {}

    /**
     * Draws a picture.
     *
     * @param results what {@code squall bench --speculative --json} prints, of one run or several
     * @param source where they come from, for errors
     * @throws IllegalArgumentException if they are something else, or no draft guessed
     */
    static void draw(JsonNode results, String source, Path png) throws IOException {
        TreeMap<Double, Double> speed = new TreeMap<>(); // V -> tokens/s
        TreeMap<Double, Double> accepted = new TreeMap<>(); // V -> tokens a round
        double plain = Double.NaN;
        for (JsonNode result : results) {
            Set<String> missing = new LinkedHashSet<>(NEEDED);
            missing.removeAll(result.propertyNames());
            if (!missing.isEmpty()) {
                throw new IllegalArgumentException(
                        source + ": found no " + missing + ", expected the JSON of squall bench --speculative");
            }
            switch (result.get("mode").asString()) {
                case "plain" -> plain = result.get("tokensPerSecond").asDouble();
                case "eagle2", "frspec" -> {
                    double size = result.get("draftVocab").asDouble();
                    speed.put(size, result.get("tokensPerSecond").asDouble());
                    accepted.put(size, result.get("acceptedLength").asDouble());
                }
                default -> {
                    // guesses of no draft, or of one whose shape changes, have no place on the axis
                }
            }
        }
        if (speed.isEmpty()) {
            throw new IllegalArgumentException(source + ": found no figures of a draft, expected eagle2 or frspec");
        }
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(500)
                .xAxisTitle("tokens that the draft may guess")
                .build();
        chart.setYAxisGroupTitle(0, "tokens/s");
        chart.setYAxisGroupTitle(1, "tokens a round");
        chart.getStyler().setXAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setYAxisMin(0, 0.0).setYAxisMin(1, 0.0); // so that small differences look small
        add(chart, "tokens/s", speed, 0);
        if (!Double.isNaN(plain)) {
            TreeMap<Double, Double> level = new TreeMap<>();
            for (double size : speed.keySet()) {
                level.put(size, plain);
            }
            add(chart, "tokens/s, plain", level, 0);
        }
        add(chart, "acceptance length", accepted, 1);
        BitmapEncoder.saveBitmap(chart, png.toString(), BitmapFormat.PNG);
    }

    private static void add(XYChart chart, String name, Map<Double, Double> points, int axis) {
        chart.addSeries(name, numbers(points.keySet()), numbers(points.values()))
                .setMarker(SeriesMarkers.CIRCLE)
                .setYAxisGroup(axis);
    }

    private static double[] numbers(Iterable<Double> values) {
        return StreamSupport.stream(values.spliterator(), false)
                .mapToDouble(value -> value)
                .toArray();
    }
}
