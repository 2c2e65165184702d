package dev.squall.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The three figures against worked examples and against a published pair of answers and keys. */
class ScoresTest {
    @TempDir
    Path folder;

    private static final List<String> LABELS = Rules.named("semeval").labels();

    @Test
    void aWorkedExample() {
        String[][] pairs = {
            {"Cause-Effect(e1,e2)", "Cause-Effect(e1,e2)"},
            {"Cause-Effect(e1,e2)", "Cause-Effect(e2,e1)"},
            {"Cause-Effect(e2,e1)", "Cause-Effect(e2,e1)"},
            {"Component-Whole(e1,e2)", "Other"},
            {"Other", "Component-Whole(e1,e2)"},
            {"Other", "Other"},
            {"Message-Topic(e2,e1)", "Message-Topic(e2,e1)"},
            {"Message-Topic(e2,e1)", "Cause-Effect(e1,e2)"}
        };
        Scores scores = new Scores(LABELS, "Other");
        for (String[] pair : pairs) {
            scores.add(pair[0], pair[1]);
        }
        assertThat(scores.accuracy()).isEqualTo(0.5);
        assertThat(scores.microF1()).isEqualTo(0.5);
        assertThat(scores.macroF1()).isCloseTo(0.137566, within(1e-6));
        int other = LABELS.indexOf("Other");
        assertThat(scores.confusion()[other][LABELS.indexOf("Component-Whole(e1,e2)")])
                .isEqualTo(1);
        assertThat(scores.table()).contains("Message-Topic(e2,e1)").contains("0.6667");
    }

    /** The first published fixture of the official scorer: 40 keys, 30 of them answered; its counts a relation. */
    @Test
    void theOfficialScorersFixture() {
        String[] relations = {
            "Cause-Effect",
            "Component-Whole",
            "Content-Container",
            "Entity-Destination",
            "Entity-Origin",
            "Instrument-Agency",
            "Member-Collection",
            "Message-Topic",
            "Product-Producer"
        };
        int[] right = {2, 1, 1, 2, 1, 2, 3, 3, 1};
        int[] predicted = {3, 2, 1, 2, 1, 3, 4, 4, 1};
        int[] gold = {6, 5, 1, 3, 2, 4, 5, 5, 2};
        List<String> missed = new ArrayList<>(); // keys without a right answer
        List<String> wrong = new ArrayList<>(); // answers that are not right
        Scores scores = new Scores(LABELS, "Other");
        for (int r = 0; r < relations.length; r++) {
            String label = relations[r] + "(e1,e2)";
            for (int i = 0; i < right[r]; i++) {
                scores.add(label, label);
            }
            for (int i = right[r]; i < gold[r]; i++) {
                missed.add(label);
            }
            for (int i = right[r]; i < predicted[r]; i++) {
                wrong.add(label);
            }
        }
        for (int i = 0; i < 7; i++) {
            scores.add("Other", i < wrong.size() ? wrong.get(i) : "Other");
        }
        for (int i = 0; i < missed.size(); i++) {
            scores.add(missed.get(i), i < 10 ? null : "Other");
        }
        assertThat(scores.total()).isEqualTo(40);
        assertThat(scores.macroF1()).isCloseTo(0.6409, within(5e-5));
        assertThat(scores.microF1()).isCloseTo(0.5926, within(5e-5));
    }

    @Test
    void confusionIsDrawnWithTheFirstClassAtTheTopLeft() throws Exception {
        Scores scores = new Scores(List.of("a", "b", "c"), null);
        Path png = folder.resolve("confusion.png");
        assertThatThrownBy(() -> ConfusionPlot.draw(scores, png)).hasMessageContaining("no example");
        for (String truth : scores.labels()) {
            scores.add(truth, "a");
        }
        ConfusionPlot.draw(scores, png);
        BufferedImage image = ImageIO.read(png.toFile());
        int dark = 0; // columns of the drawing with much of the colour of 100 %, all in the first of three
        int first = 0;
        for (int x = 0; x < image.getWidth(); x++) {
            int found = 0;
            for (int y = 0; y < image.getHeight(); y++) {
                int[] rgb = image.getRaster().getPixel(x, y, (int[]) null);
                boolean red = rgb[0] > 180 && rgb[1] < 120 && rgb[2] < 120;
                found += red ? 1 : 0;
            }
            dark += found > image.getHeight() / 4 ? 1 : 0;
            first = dark == 0 ? x : first;
        }
        assertThat(dark).isBetween(20, image.getWidth() / 4);
        assertThat(first).isLessThan(image.getWidth() / 2);
    }

    @Test
    void unknownLabelsAreRefused() {
        Scores scores = new Scores(List.of("a", "b"), null);
        assertThat(scores.accuracy()).isZero();
        assertThatThrownBy(() -> scores.add("c", "a")).hasMessageContainingAll("truth", "found c", "[a, b]");
        assertThatThrownBy(() -> scores.add("a", "c")).hasMessageContaining("prediction: found c");
        assertThatThrownBy(() -> new Scores(List.of("a"), "b")).hasMessageContaining("negative class");
    }
}
