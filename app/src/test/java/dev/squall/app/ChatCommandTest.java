package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.fixtures.BigramModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code squall chat} in a process of its own, because it reads the terminal. The template shows what the model is asked:
 * after the right system message it ends with the last letter of the user's first message, and the model goes on from
 * there.
 */
@Timeout(120)
class ChatCommandTest {
    private static final String TEMPLATE = "{{ bos_token }}{% for message in messages %}{{ message['content'] }},"
            + "{% endfor %}{{ messages[1]['content'][-1:] if messages[0]['content'] == 'be brief' else 'z' }}";

    @TempDir
    Path directory;

    private record Chat(int exitCode, String out, String err) {}

    private Path model() {
        return BigramModel.gguf(64).put("tokenizer.chat_template", TEMPLATE).write(directory.resolve("chat.gguf"));
    }

    private Chat chat(String input, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "chat"));
        command.addAll(List.of(options));
        Path in = Files.writeString(directory.resolve("in.txt"), input);
        Path out = directory.resolve("out.txt");
        Path err = directory.resolve("err.txt");
        Process process = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
        return new Chat(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void answersEveryLineWithTheWholeConversationInMind() throws Exception {
        Chat chat = chat(
                "what about c\nand then q\n/reset\nstart at s\n/exit\nnever read x\n",
                "-m",
                model().toString(),
                "--system",
                "be brief",
                "--max-tokens",
                "3");
        assertThat(chat.exitCode()).as(chat.err()).isZero();
        assertThat(chat.out().lines().map(line -> line.substring(line.lastIndexOf(' ') + 1)))
                .as("the first message counts until a reset, and the system's is always there")
                .containsSubsequence("def", "def", "tuv")
                .doesNotContain("rst", "yz.", ".");
    }

    @Test
    void aModelWithoutATemplateIsAFailureInOneLine() throws Exception {
        Path plain = BigramModel.write(directory.resolve("plain.gguf"), 64);
        Chat chat = chat("hello\n", "-m", plain.toString());
        assertThat(chat.exitCode()).isEqualTo(1);
        assertThat(chat.err().lines().filter(line -> line.startsWith("squall: ")))
                .hasSize(1)
                .first(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .contains("plain.gguf", "chat template");
        assertThat(chat.err()).doesNotContain("\tat ");
    }
}
