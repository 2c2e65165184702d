package dev.squall.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** RoBERTa's tokenizer from its own files: published ids, and both forms of the files alike. */
class RobertaFilesTest {
    private static final List<String> MERGES = List.of("t h", "th e", "\u0120 the", "a t", "\u0120 c", "\u0120c at");

    @TempDir
    Path folder;

    private static void json(Path file, Map<String, Integer> ids) throws Exception {
        Files.writeString(file, JsonMapper.builder().build().writeValueAsString(ids));
    }

    /** Bytes and merges of GPT-2's kind, in GPT-2's order. */
    private static List<String> words() {
        List<String> words = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            words.add(String.valueOf(ByteAlphabet.character(b)));
        }
        MERGES.forEach(pair -> words.add(pair.replace(" ", "")));
        return words;
    }

    private Path fairseq() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("fairseq"));
        List<String> words = words();
        Map<String, Integer> gpt2 = new LinkedHashMap<>();
        StringBuilder dictionary = new StringBuilder();
        for (int i = 0; i < words.size(); i++) {
            gpt2.put(words.get(i), i);
            dictionary.append(words.size() - 1 - i).append(" 9\n"); // the last word is the most frequent
        }
        json(directory.resolve("encoder.json"), gpt2);
        Files.writeString(directory.resolve("dict.txt"), dictionary + "madeupword0000 0\nmadeupword0001 0\n");
        Files.writeString(directory.resolve("vocab.bpe"), "#version: 0.2\n" + String.join("\n", MERGES) + "\n");
        return directory;
    }

    private Path huggingFace() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("huggingface"));
        List<String> all = new ArrayList<>(List.of("<s>", "<pad>", "</s>", "<unk>"));
        all.addAll(words().reversed());
        all.addAll(List.of("madeupword0000", "madeupword0001", "madeupword0002", "<mask>"));
        Map<String, Integer> ids = new LinkedHashMap<>();
        all.forEach(piece -> ids.put(piece, ids.size()));
        json(directory.resolve("vocab.json"), ids);
        Files.writeString(directory.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", MERGES) + "\n");
        return directory;
    }

    @Test
    void bothFormsOfTheFilesAreOneTokenizer() throws Exception {
        Tokenizer fairseq = Tokenizers.open(fairseq(), null, null);
        Tokenizer huggingFace = Tokenizers.open(huggingFace(), null, null);
        int mask = 4 + 262 + 3;
        assertThat(fairseq.vocabSize()).isEqualTo(mask + 1).isEqualTo(huggingFace.vocabSize());
        for (String text : new String[] {"the cat", "the  <mask> cat<mask>", "na\u00efve", "</s>the"}) {
            assertThat(fairseq.encode(text, true)).containsExactly(huggingFace.encode(text, true));
            assertThat(fairseq.encode(text, false)).containsExactly(huggingFace.encode(text, false));
        }
        // the last merge is token 4, the first one token 9; a mask swallows the spaces on its left, not on its right
        assertThat(fairseq.encode("the  <mask> cat<mask>", true)).containsExactly(8, mask, 4, mask);
        assertThat(fairseq.encodePrompt("the cat", true)).containsExactly(0, 8, 4);
        assertThat(fairseq.encode("<mask>", false)).doesNotContain(mask);
        assertThat(fairseq.decode(0, 8, 4, mask, 2)).isEqualTo("the cat");
        assertThat(fairseq.endOfSequence()).containsExactly(2);
    }

    @Test
    void filesThatDoNotFitAreRefusedByLine() throws Exception {
        Path directory = fairseq();
        Files.writeString(directory.resolve("dict.txt"), "3 9\n999 9\n");
        assertThatThrownBy(() -> Tokenizers.open(directory, null, null))
                .hasMessageContainingAll("dict.txt", "line 2", "999", "262");
        Path other = huggingFace();
        Files.writeString(other.resolve("merges.txt"), "q z\n");
        assertThatThrownBy(() -> Tokenizers.open(other, null, null))
                .hasMessageContainingAll("merges.txt", "line 1", "q z");
        json(other.resolve("vocab.json"), Map.of("a", 0, "b", 1));
        assertThatThrownBy(() -> Tokenizers.open(other, null, null)).hasMessageContainingAll("vocab.json", "<s>");
        json(other.resolve("vocab.json"), Map.of("a", 0, "b", 7));
        assertThatThrownBy(() -> Tokenizers.open(other, null, null)).hasMessageContainingAll("vocab.json", "id 7");
    }

    @Test
    void publishedTextsHaveTheirPublishedIds() {
        Path files = Path.of(System.getProperty("squall.testData", "../shared"), "tokenizers", "roberta");
        assumeTrue(Files.isDirectory(files), files + " is not there");
        Tokenizer tokenizer = Tokenizers.open(files, null, null);
        assertThat(tokenizer.vocabSize()).isEqualTo(50_265);
        Map<String, int[]> published = new LinkedHashMap<>();
        published.put("Hello world!", new int[] {31414, 232, 328});
        published.put(".", new int[] {4});
        published.put("the", new int[] {627});
        published.put(" the", new int[] {5});
        published.put("was", new int[] {7325});
        published.put(" was", new int[] {21});
        published.put("'s", new int[] {18});
        published.put("is", new int[] {354});
        published.put(" is", new int[] {16});
        published.put("it 's", new int[] {405, 128, 29});
        published.put("Don't stop", new int[] {6766, 75, 912});
        published.put("hello  world", new int[] {42891, 1437, 232});
        published.put("na\u00efve caf\u00e9", new int[] {2133, 48350, 26059});
        published.put("U.S. 2,000 km", new int[] {791, 4, 104, 4, 132, 6, 151, 6301});
        published.put("the <mask>", new int[] {627, 50264});
        published.put("was <mask> to", new int[] {7325, 50264, 7});
        published.put("<mask> <mask> <mask>", new int[] {50264, 50264, 50264});
        published.forEach((text, ids) -> {
            assertThat(tokenizer.encode(text, true)).as(text).containsExactly(ids);
            assertThat(new String(bytes(tokenizer, ids), StandardCharsets.UTF_8))
                    .isEqualTo(text.replaceAll("\\s*<mask>", ""));
        });
    }

    private static byte[] bytes(Tokenizer tokenizer, int[] ids) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        for (int id : ids) {
            out.writeBytes(tokenizer.bytes(id));
        }
        return out.toByteArray();
    }
}
