package dev.squall.model.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.format.ModelFileException;
import dev.squall.model.tokenizer.BpeTrainer;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.TokenizerWriter;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.tokenizer.WordCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Counting, ranking, selections, and both of their files. */
class TokenRankingTest {
    @TempDir
    Path directory;

    private Tokenizer tokenizer;

    @BeforeEach
    void learn() throws IOException {
        WordCounts counts = new WordCounts();
        counts.addText("one two three one two one four four four four");
        TokenizerWriter.write(BpeTrainer.learn(counts, 270, List.of(), TokenizerWriter.DECODER, line -> {}), directory);
        tokenizer = Tokenizers.open(directory, null, null);
    }

    @Test
    void countsWhatTheTokenizerMakesOfAFileInPieces() throws IOException {
        String text = "one two four three four\n".repeat(9000); // several pieces
        Path file = Files.writeString(directory.resolve("text.txt"), text);
        TokenCounts counts = new TokenCounts(tokenizer);
        long[] progress = new long[1];
        counts.addFile(file, read -> progress[0] = read);
        assertThat(progress[0]).isEqualTo(text.length());
        long[] expected = new long[tokenizer.vocabSize()];
        for (int id : tokenizer.encode(text, false)) {
            expected[id]++;
        }
        for (int id = 0; id < expected.length; id++) {
            assertThat(counts.count(id)).as("token " + id).isEqualTo(expected[id]);
        }
        assertThat(counts.total()).isEqualTo(Arrays.stream(expected).sum());
    }

    @Test
    void selectionsHoldTheForcedAndTheMostFrequentTokens() {
        TokenCounts counts = new TokenCounts(tokenizer);
        counts.add(" four four four one one two");
        SortedSet<Integer> forced = TokenRanking.forced(tokenizer, "");
        int four = tokenizer.encode(" four", false)[0];
        int one = tokenizer.encode(" one", false)[0];
        assertThat(forced).hasSize(256 + 2).doesNotContain(four, one);
        TokenRanking ranking = TokenRanking.of(counts, forced);
        assertThat(ranking.ids()).startsWith(four, one);
        assertThat(ranking.counts()).startsWith(3, 2, 1);
        int[] selection = ranking.top(259);
        assertThat(selection).startsWith(four).doesNotContain(one).hasSize(259).doesNotHaveDuplicates();
        assertThat(ranking.top(260)).startsWith(four, one);
        assertThat(counts.share(selection)).isEqualTo(0.5);
        assertThat(counts.share(ranking.top(ranking.largest()))).isEqualTo(1.0);
        assertThatThrownBy(() -> ranking.top(257)).hasMessageContainingAll("257", "258");
        assertThatThrownBy(() -> ranking.top(ranking.largest() + 1)).hasMessageContaining("" + ranking.largest());
    }

    @Test
    void tokensThatATemplateNamesAreForced() {
        TreeSet<Integer> with = new TreeSet<>(TokenRanking.forced(tokenizer, "{{ '<s>' }}"));
        assertThat(with).contains(tokenizer.id("<s>").orElseThrow());
        assertThatThrownBy(() -> TokenRanking.of(new TokenCounts(tokenizer), new TreeSet<>(List.of(9999))))
                .hasMessageContaining("9999");
    }

    @Test
    void comesBackFromItsFile() throws IOException {
        TokenCounts counts = new TokenCounts(tokenizer);
        counts.add("one two four one");
        TokenRanking ranking = TokenRanking.of(counts, TokenRanking.forced(tokenizer, ""));
        Path file = directory.resolve("ranking.json");
        ranking.write(file);
        TokenRanking again = TokenRanking.read(file);
        assertThat(again.top(260)).isEqualTo(ranking.top(260));
        assertThat(again.counts()).isEqualTo(ranking.counts());
        assertThat(again.counted()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"counted\": 1, \"forced\": [], \"ids\": [1], \"counts\": [1]}|vocabulary",
                "{\"vocabulary\": 5, \"counted\": 1, \"forced\": [], \"ids\": [5], \"counts\": [1]}|ids[0]: found 5",
                "{\"vocabulary\": 5, \"counted\": 1, \"forced\": [], \"ids\": [1, 1], \"counts\": [1, 1]}|every token once",
                "{\"vocabulary\": 5, \"counted\": 1, \"forced\": [], \"ids\": [1, 2], \"counts\": [1, 2]}|counts[1]",
                "{\"vocabulary\": 5, \"counted\": 1, \"forced\": [], \"ids\": [1, 2], \"counts\": [1]}|2 numbers",
                "{\"vocabulary\": 5, \"counted\": 1, \"forced\": 7, \"ids\": [1], \"counts\": [1]}|forced"
            })
    void aFileThatIsNoRankingIsRefused(String json, String message) throws IOException {
        Path file = Files.writeString(directory.resolve("wrong.json"), json);
        assertThatThrownBy(() -> TokenRanking.read(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContainingAll("wrong.json", message);
    }

    /** Bytes that torch.save wrote for the same list. */
    @Test
    void theListIsPickledAsPythonDoesIt() throws IOException {
        int[] ids = {5, 300, 70000, 128009, 2};
        assertThat(HexFormat.of().formatHex(FrequencyList.pickle(ids)))
                .isEqualTo("80025d7100284b054d2c014a701101004a09f401004b02652e");
        Path file = directory.resolve("freq_5.pt");
        FrequencyList.write(file, ids);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.getInputStream(zip.getEntry("freq_5/data.pkl")).readAllBytes())
                    .isEqualTo(FrequencyList.pickle(ids));
            assertThat(zip.getEntry("freq_5/version").getMethod()).isZero();
        }
        assertThat(FrequencyList.read(file)).containsExactly(ids);
        FrequencyList.write(file, new int[] {7, 3, 7, 5, 3});
        assertThat(FrequencyList.read(file)).containsExactly(7, 3, 5);
        FrequencyList.write(file, new int[0]);
        assertThatThrownBy(() -> FrequencyList.read(file)).hasMessageContaining("found no tokens");
        FrequencyList.write(file, IntStream.range(0, 16384).toArray());
        assertThat(Files.size(file)).isBetween(49_000L, 50_400L);
    }
}
