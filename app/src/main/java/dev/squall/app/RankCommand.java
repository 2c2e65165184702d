package dev.squall.app;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.ranking.FrequencyList;
import dev.squall.model.ranking.TokenCounts;
import dev.squall.model.ranking.TokenRanking;
import dev.squall.model.tokenizer.TextFiles;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall rank}: which tokens of a model's vocabulary are frequent, for a draft that scores only those. */
@Command(
        name = "rank",
        description = "Ranks the tokens of a vocabulary by how often texts hold them, for --draft-vocab.",
        footer = {
            "Tokens that end or begin a text, those of the chat template and single bytes are in every selection.",
            "Beside FILE lie freq_V.pt for each size, and FILE.png: the share of a text that a selection covers."
        })
final class RankCommand implements Callable<Integer> {
    private static final List<Integer> SIZES = List.of(8192, 16384, 32768);
    private static final int POINTS = 64; // of the plot

    private final Console console;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--corpus",
            paramLabel = "PATH",
            required = true,
            description = "The texts: all .txt files of a directory, or one file, in UTF-8.")
    private Path corpus;

    @Option(
            names = "--held-out",
            paramLabel = "NAME",
            description = "File of the directory that is not counted: the coverage of a selection is measured on it."
                    + " Without it, on the counted text itself.")
    private String heldOut;

    @Option(
            names = "--sizes",
            paramLabel = "V",
            split = ",",
            description =
                    "Sizes of the selections; default: those of 8192, 16384 and 32768 that the vocabulary exceeds.")
    private List<Integer> sizes = List.of();

    @Option(
            names = "--force",
            paramLabel = "ID",
            split = ",",
            description = "Further tokens that every selection holds.")
    private List<Integer> force = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The ranking, as JSON.")
    private Path output;

    RankCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Tokenizer tokenizer;
        SortedSet<Integer> forced;
        try (Checkpoint checkpoint = Checkpoints.open(model.path())) {
            tokenizer = Tokenizers.of(checkpoint, null);
            forced = TokenRanking.forced(
                    tokenizer,
                    Tokenizers.chatTemplate(checkpoint, tokenizer)
                            .map(Tokenizers.Template::source)
                            .orElse(""));
        }
        forced.addAll(force);
        TokenCounts counts = count(tokenizer, TextFiles.of(corpus, heldOut == null ? List.of() : List.of(heldOut)));
        TokenRanking ranking = TokenRanking.of(counts, forced);
        TokenCounts measured = heldOut == null ? counts : count(tokenizer, List.of(corpus.resolve(heldOut)));
        List<Integer> selected = sizes.isEmpty()
                ? SIZES.stream().filter(size -> size <= ranking.largest()).toList()
                : sizes;
        List<int[]> selections =
                selected.stream().map(ranking::top).toList(); // all are possible before a file is written
        Path directory = output.toAbsolutePath().getParent();
        Files.createDirectories(directory);
        ranking.write(output);
        console.out()
                .printf(
                        Locale.ROOT,
                        "%s: %,d tokens counted, %,d of %,d occurred, %d forced%n",
                        output,
                        counts.total(),
                        ranking.ids().length,
                        ranking.vocabulary(),
                        ranking.forced().length);
        for (int[] selection : selections) {
            Path file = directory.resolve("freq_" + selection.length + ".pt");
            FrequencyList.write(file, selection);
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%s: %.2f %% of the tokens of %s%n",
                            file,
                            100 * measured.share(selection),
                            heldOut == null ? "the counted text" : heldOut);
        }
        plot(ranking, measured);
        return 0;
    }

    private TokenCounts count(Tokenizer tokenizer, List<Path> files) throws IOException {
        TokenCounts counts = new TokenCounts(tokenizer);
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        try (ProgressBar bar = bar(bytes)) {
            long before = 0;
            for (Path file : files) {
                long start = before;
                counts.addFile(file, characters -> {
                    if (bar != null) {
                        bar.stepTo(start + characters);
                    }
                });
                before += Files.size(file);
            }
        }
        return counts;
    }

    private static ProgressBar bar(long bytes) {
        return System.console() == null
                ? null
                : new ProgressBarBuilder()
                        .setTaskName("rank")
                        .setInitialMax(bytes)
                        .setUnit(" MB", 1 << 20)
                        .setStyle(ProgressBarStyle.ASCII)
                        .build();
    }

    private void plot(TokenRanking ranking, TokenCounts measured) throws IOException {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        int least = ranking.forced().length;
        IntStream.rangeClosed(0, POINTS)
                .map(i -> least + (int) ((long) (ranking.largest() - least) * i / POINTS))
                .distinct()
                .filter(size -> size > 0)
                .forEach(size -> {
                    x.add((double) size);
                    y.add(100 * measured.share(ranking.top(size)));
                });
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(500)
                .xAxisTitle("tokens of the selection")
                .yAxisTitle("% of the text's tokens inside")
                .build();
        chart.getStyler().setLegendVisible(false);
        chart.addSeries("coverage", x, y);
        BitmapEncoder.saveBitmap(chart, output + ".png", BitmapFormat.PNG);
    }
}
