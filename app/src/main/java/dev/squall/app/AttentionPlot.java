package dev.squall.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import tools.jackson.databind.JsonNode;

/** Draws the figures of {@link AttentionBench}: milliseconds of one token in a layer's attention against the length. */
final class AttentionPlot {
    private static final Set<String> NEEDED = Set.of("shape", "phase", "length", "denseMs", "sparseMs");

    private AttentionPlot() {}

    /**
     * Draws a picture.
     *
     * @param results what {@code squall bench --attention --json} prints
     * @param source where they come from, for errors
     * @throws IllegalArgumentException if they are something else
     */
    static void draw(JsonNode results, String source, Path png) throws IOException {
        Map<String, TreeMap<Double, Double>> lines = new LinkedHashMap<>(); // length -> milliseconds
        for (JsonNode result : results.isArray() ? results : Set.of(results)) {
            Set<String> missing = new LinkedHashSet<>(NEEDED);
            missing.removeAll(result.propertyNames());
            if (!missing.isEmpty()) {
                throw new IllegalArgumentException(
                        source + ": found no " + missing + ", expected the JSON of squall bench --attention");
            }
            if (result.get("phase").asString().equals("decode")) {
                for (String way : new String[] {"dense", "sparse"}) {
                    lines.computeIfAbsent(result.get("shape").asString() + ", " + way, name -> new TreeMap<>())
                            .put(
                                    result.get("length").asDouble(),
                                    result.get(way + "Ms").asDouble());
                }
            }
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(source + ": found no figures of decoding, expected some");
        }
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(500)
                .xAxisTitle("tokens before it")
                .yAxisTitle("ms a token, attention of one layer")
                .build();
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
        lines.forEach((name, points) -> chart.addSeries(
                        name,
                        points.keySet().stream().mapToDouble(x -> x).toArray(),
                        points.values().stream().mapToDouble(y -> y).toArray())
                .setMarker(SeriesMarkers.CIRCLE));
        BitmapEncoder.saveBitmap(chart, png.toString(), BitmapFormat.PNG);
    }
}
