package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.app.VerifyCommand.Place;
import dev.squall.app.VerifyCommand.Text;
import dev.squall.model.fixtures.BigramModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code squall verify}: what was recorded on the JVM passes there, and nothing else does. */
class VerifyCommandTest {
    @TempDir
    Path directory;

    @Test
    void whatIsTheSamePassesAndWhatIsNotFails() throws IOException {
        Path model = BigramModel.write(directory.resolve("bigrams.gguf"), 64);
        Path file = directory.resolve("expected.json");
        Run recorded = Run.of("verify", "-m", model, "--tokens", 5, "--record", file);
        assertThat(recorded.exitCode()).as(recorded.err()).isZero();
        assertThat(recorded.out()).isEmpty();

        Run same = Run.of("verify", "-m", model, "--tokens", 5, "--expect", file, "--json");
        assertThat(same.exitCode()).as(same.err()).isZero();
        assertThat(same.json()).hasSize(4).allSatisfy(text -> {
            assertThat(text.get("tokens").intValue()).isEqualTo(5);
            assertThat(text.get("same").intValue()).isEqualTo(5);
            assertThat(text.get("difference").doubleValue()).isZero();
        });

        // Half as much again of the first log-probability in the file.
        String text = Files.readString(file);
        int from = text.indexOf(':', text.indexOf("likeliest") + "likeliest\":".length()) + 1;
        int to = text.indexOf(',', from);
        double changed = 1.5 * Double.parseDouble(text.substring(from, to)) - 0.5;
        Files.writeString(file, text.substring(0, from) + changed + text.substring(to));
        Run other = Run.of("verify", "-m", model, "--tokens", 5, "--expect", file);
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.out()).hasLineCount(5);
        assertThat(other.out().lines().filter(line -> line.endsWith("FAILED"))).hasSize(1);
        assertThat(other.out().lines().filter(line -> line.endsWith("passed"))).hasSize(3);

        Path elsewhere = BigramModel.write(directory.resolve("elsewhere.gguf"), 64);
        Run wrong = Run.of("verify", "-m", elsewhere, "--expect", file);
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err()).contains("model: found " + model + ", expected " + elsewhere);
    }

    @Test
    void tokensAreCountedUpToTheFirstThatDiffers() {
        Text expected =
                text(new Place(1, Map.of(1, -0.5)), new Place(2, Map.of(2, -0.25)), new Place(3, Map.of(3, -1.)));
        Text found = text(new Place(1, Map.of(1, -0.5)), new Place(4, Map.of(2, -0.75)), new Place(3, Map.of(3, -9.)));
        VerifyCommand.Comparison comparison = VerifyCommand.compare(expected, found);
        assertThat(comparison.same()).isEqualTo(1);
        assertThat(comparison.difference()).isEqualTo(0.5);
        assertThat(comparison.passes(1)).isFalse();

        Text notANumber = text(
                new Place(1, Map.of(1, Double.NaN)),
                expected.places().get(1),
                expected.places().get(2));
        assertThat(VerifyCommand.compare(expected, notANumber).passes(1e9)).isFalse();
        Text shorter = text(expected.places().get(0));
        assertThat(VerifyCommand.compare(expected, shorter).passes(1e9)).isFalse();
    }

    private static Text text(Place... places) {
        return new Text("prompt", List.of(places));
    }
}
