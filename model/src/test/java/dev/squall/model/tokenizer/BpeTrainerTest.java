package dev.squall.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.format.ModelFileException;
import dev.squall.model.tokenizer.BpeTrainer.Learned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Learning byte-level BPE: the merges of a text by hand, required words, special tokens, and what is written. */
class BpeTrainerTest {
    private static final String STORY = """
            The cat was living in the old city, and the cat's kitten was living in a new country.
            "Is it born in the city?" said the organ player. "It is one of the city's organs, in number nine!"

            The player played and the kitten listened; the date was the ninth of the month.
            """;

    private static final List<String> REQUIRED = List.of(
            "organization", "living", "in", "country", "of", "'s", "born", "irrelevant", "person", "nationality");

    @TempDir
    Path directory;

    private static Learned learn(String text, int vocabulary, List<String> required, List<String> special) {
        WordCounts counts = new WordCounts();
        counts.addText(text);
        return BpeTrainer.learn(counts, vocabulary, required, special, line -> {});
    }

    private static List<String> merges(Learned learned) {
        return learned.merges().stream().map(pair -> pair[0] + " " + pair[1]).toList();
    }

    private Tokenizer written(Learned learned) throws IOException {
        TokenizerWriter.write(learned, directory);
        return Tokenizers.open(directory, null, null);
    }

    /**
     * Words: "ab" once, "Ġab" twice, "Ġabc" once, "Ġbc" twice, where Ġ is the space. (a,b) comes 4 times; then (Ġ,ab) 3
     * times; then (Ġ,b) and (b,c) twice each, and the space is the smaller left token; then (Ġb,c) twice; (Ġab,c) comes
     * once, which is no pattern.
     */
    @Test
    void mergesOfASmallTextAreThoseCountedByHand() {
        Learned learned = learn("ab ab ab abc bc bc", 1000, List.of(), List.of());
        assertThat(merges(learned)).containsExactly("a b", "\u0120 ab", "\u0120 b", "\u0120b c");
        assertThat(learned.pieces().subList(256, learned.pieces().size()))
                .containsExactly("ab", "\u0120ab", "\u0120b", "\u0120bc");
        assertThat(merges(learn("ab ab ab abc bc bc", 258, List.of(), List.of())))
                .containsExactly("a b", "\u0120 ab");
    }

    /** In "aaa" the pair (a,a) overlaps itself: the left one merges, as in encoding. */
    @Test
    void aPairThatOverlapsItselfMergesFromTheLeft() throws IOException {
        Learned learned = learn("aaa aaa aaa", 1000, List.of(), List.of());
        assertThat(merges(learned)).startsWith("a a", "aa a");
        assertThat(written(learned).encode("aaa", false)).containsExactly(257);
    }

    /** 373 is the least for these words: theirs are the first mergers there, and the last ones in 460. */
    @ParameterizedTest
    @ValueSource(ints = {373, 460})
    void requiredWordsAreOneTokenInRunningText(int vocabulary) throws IOException {
        Learned learned = learn(STORY, vocabulary, REQUIRED, TokenizerWriter.ENCODER);
        assertThat(learned.unspaced()).containsExactly("'s");
        Tokenizer tokenizer = written(learned);
        for (String word : REQUIRED) {
            int bare = tokenizer.id(ByteAlphabet.encode(word.getBytes())).orElseThrow();
            assertThat(tokenizer.encode(word, false)).as(word).containsExactly(bare);
            if (!word.equals("'s")) {
                assertThat(tokenizer.encode("(" + word + ")", false)).as(word).contains(bare);
                int spaced = tokenizer
                        .id(ByteAlphabet.encode((" " + word).getBytes()))
                        .orElseThrow();
                assertThat(tokenizer.encode("the " + word + ", and", false))
                        .as(word)
                        .contains(spaced);
            }
        }
        assertThat(tokenizer.encode("cat's", false)).endsWith(tokenizer.id("'s").orElseThrow());
    }

    /** With the room for them only, the text decides nothing; with more room its own merges come before theirs. */
    @Test
    void requiredWordsNeedNoMoreThanTheirRoom() {
        int least = 256 + 2 * "xyz".length() - 1; // two mergers without the space, three with it
        Learned tight = learn(STORY, least, List.of("xyz"), List.of());
        assertThat(tight.pieces()).contains("xyz", "\u0120xyz").hasSize(least);
        Learned wide = learn(STORY, 300, List.of("xyz"), List.of());
        assertThat(merges(wide).getFirst())
                .isEqualTo(merges(learn(STORY, 300, List.of(), List.of())).getFirst());
        assertThat(wide.pieces()).contains("xyz", "\u0120xyz").hasSize(300);
        assertThatThrownBy(() -> learn(STORY, least - 1, List.of("xyz"), List.of()))
                .hasMessageContainingAll("found " + (least - 1), "at least " + least, "256 bytes", "5 mergers");
    }

    @Test
    void specialTokensComeFirstAndTextNeverBecomesThem() throws IOException {
        Tokenizer encoder = written(learn(STORY, 400, List.of(), TokenizerWriter.ENCODER));
        assertThat(encoder.encode("<s><pad></s><unk><mask>", true)).containsExactly(0, 1, 2, 3, 4);
        assertThat(encoder.encode("<mask>", false)).doesNotContain(4).hasSizeGreaterThan(1);
        assertThat(encoder.encode("<s> <mask>", true)).containsExactly(0, 4); // the space before a mask is part of it
        assertThat(encoder.bos()).hasValue(0);
        Tokenizer decoder = written(learn(STORY, 400, List.of(), TokenizerWriter.DECODER));
        assertThat(decoder.encodePrompt("a", false)).startsWith(0);
        assertThat(decoder.id("</s>")).hasValue(1);
        assertThat(decoder.id("<unk>")).isEmpty();
    }

    @Test
    void theSameTextGivesTheSameFiles() throws IOException {
        Path other = Files.createDirectory(directory.resolve("other"));
        TokenizerWriter.write(learn(STORY, 420, REQUIRED.subList(0, 4), TokenizerWriter.DECODER), directory);
        List<String> reversed = new ArrayList<>(REQUIRED.subList(0, 4)).reversed();
        TokenizerWriter.write(learn(STORY, 420, reversed, TokenizerWriter.DECODER), other);
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            assertThat(other.resolve(name)).hasSameBinaryContentAs(directory.resolve(name));
        }
    }

    /** Encoding is learning once more: a tokenizer of the text itself and of any other text gives back every byte. */
    @Property(tries = 200)
    void everyTextComesBack(@ForAll String text) throws IOException {
        String sound = new String(
                text.getBytes(java.nio.charset.StandardCharsets.UTF_8), java.nio.charset.StandardCharsets.UTF_8);
        Tokenizer tokenizer = Shared.TOKENIZER;
        assertThat(tokenizer.decode(tokenizer.encode(sound, false))).isEqualTo(sound);
        assertThat(tokenizer.decode(tokenizer.encode(STORY, false))).isEqualTo(STORY);
    }

    private static final class Shared {
        static final Tokenizer TOKENIZER = make();

        private static Tokenizer make() {
            try {
                Path folder = Files.createTempDirectory("tokenizer");
                TokenizerWriter.write(learn(STORY, 400, List.of(), TokenizerWriter.DECODER), folder);
                Tokenizer tokenizer = Tokenizers.open(folder, null, null);
                Files.delete(folder.resolve("tokenizer.json"));
                Files.delete(folder.resolve("tokenizer_config.json"));
                Files.delete(folder);
                return tokenizer;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** A file read in pieces of a few characters has the words of the whole text. */
    @Test
    void wordsDoNotDependOnThePieces() throws IOException {
        String text =
                (STORY + "\n\n  tabs\tand   runs of spaces \r\n\r\nend 12 345 \u00e9t\u00e9 \ud83d\ude00.").repeat(3);
        Path file = Files.writeString(directory.resolve("text.txt"), text);
        WordCounts whole = new WordCounts();
        whole.addText(text);
        for (int piece : new int[] {40, 41, 64, 100}) {
            WordCounts pieces = new WordCounts(1000, piece);
            pieces.addFile(file);
            assertThat(pieces.sorted()).as("pieces of " + piece).isEqualTo(whole.sorted());
        }
    }

    @Test
    void theRarestWordsAreGivenUpAndCounted() {
        WordCounts counts = new WordCounts(4, 100);
        counts.addText("a a a b b c d e");
        // "a", " a", " b", " c" fill the memory; with " d" those that came once go: " a" and " b" came twice.
        assertThat(counts.sorted().stream().map(entry -> entry.getKey() + entry.getValue()))
                .containsExactly(" a2", " b2", " e1");
        assertThat(counts.givenUp()).isEqualTo(3);
    }

    @Test
    void badInputIsRefusedByName() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty.txt"));
        Path zero = Files.writeString(directory.resolve("zero.txt"), "text\0text");
        Path latin = Files.write(directory.resolve("latin.txt"), new byte[] {'a', (byte) 0xE9, ' '});
        Path endless = Files.writeString(directory.resolve("endless.txt"), "a".repeat(200));
        WordCounts counts = new WordCounts(100, 100);
        for (Path file : List.of(empty, zero, latin, endless)) {
            assertThatThrownBy(() -> counts.addFile(file))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContainingAll(file.toString(), "found", "expected");
        }
        assertThatThrownBy(() -> BpeTrainer.learn(counts, 300, List.of(), List.of(), line -> {}))
                .hasMessageContaining("no words");
        assertThatThrownBy(() -> learn("a", 300, List.of("two words"), List.of()))
                .hasMessageContaining("two words");
        assertThatThrownBy(() -> learn("a", 300, List.of(), List.of("name"))).hasMessageContaining("'name'");
        assertThatThrownBy(() -> learn("a", 300, List.of(), List.of("<s>", "<s>")))
                .hasMessageContaining("twice");
    }
}
