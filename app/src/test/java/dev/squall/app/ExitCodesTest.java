package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.transformer.TransformerOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes 0, 1 and 2, and errors that are one line on standard error. */
class ExitCodesTest {
    @TempDir
    Path directory;

    @Test
    void whatNeedsAModelOfOnesOwnSaysHowToPassOne() {
        assertThat(wrongUsage("convert", "--type", "f16", "-o", "x.gguf").err())
                .contains("-m", "GGUF", "Hugging Face directory", "llama2.c", ".bin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "tokenize",
                "convert --type f16",
                "generate -m MODEL -p a --no-such-option",
                "generate -m MODEL -p a --max-tokens many",
                "generate -m MODEL -p a --max-tokens -1",
                "generate -m MODEL -p a --temperature -0.5",
                "generate -m MODEL -p a --temperature NaN",
                "generate -m MODEL -p a --top-k -1",
                "generate -m MODEL -p a --top-p 0",
                "generate -m MODEL -p a --top-p 1.5",
                "generate -m MODEL -p a --min-p 2",
                "generate -m MODEL -p a --context 0",
                "generate -m MODEL -p a --kernels fast",
                "generate -m MODEL -p a --kernels simd --device 0",
                "verify -m MODEL",
                "verify -m MODEL --tokens 0",
                "verify -m MODEL --tolerance NaN",
                "tokenize -m MODEL",
                "tokenize -m MODEL -p a --file b",
                "tokenize -m MODEL --decode one",
                "tokenize -m MODEL -p a --pre gpt2",
                "tokenize -m MODEL -p a --kernels simd",
                "tokenize -m RANKS -p a --pre gpt-5",
                "info -m MODEL --context 8",
                "perplexity -m MODEL",
                "bench -m MODEL --repeat 0",
                "bench -m MODEL --prompt-tokens 0",
                "bench -m MODEL --gen-tokens 1"
            })
    void wrongUsageIsTwo(String command) throws IOException {
        Path model = BigramModel.write(directory.resolve("bigrams.gguf"), 64);
        Path ranks = Files.writeString(directory.resolve("ranks.tiktoken"), "YQ== 0\n");
        wrongUsage(command.replace("MODEL", model.toString())
                .replace("RANKS", ranks.toString())
                .split(" "));
    }

    private static Run wrongUsage(String... arguments) {
        Run run = Run.of((Object[]) arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("squall: ")
                .endsWith(System.lineSeparator())
                .hasLineCount(1);
        return run;
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate -p a", "chat", "tokenize -p a", "info", "perplexity --file absent.txt", "bench"})
    void aModelThatIsNotThereIsAFailure(String command) {
        Run run = failure((command + " -m " + directory.resolve("absent.gguf")).split(" "));
        assertThat(run.err()).contains("absent.gguf", "no such file");
    }

    @Test
    void aFileThatIsNoModelIsAFailure() throws IOException {
        Path file = Files.writeString(directory.resolve("model.gguf"), "GGUF and then nothing of use");
        assertThat(failure("generate", "-m", file, "-p", "a").err()).contains(file.toString());
        Path text = Files.writeString(directory.resolve("notes.txt"), "some notes");
        assertThat(failure("info", "-m", text).err()).contains(text.toString());
        assertThat(failure("info", "-m", Files.createDirectory(directory.resolve("empty")))
                        .err())
                .contains("empty");
    }

    @Test
    void whatTheModelCannotDoIsAFailure() throws IOException {
        Path model = BigramModel.write(directory.resolve("bigrams.gguf"), 16);
        assertThat(failure("generate", "-m", model, "-p", "longer than the context")
                        .err())
                .contains("15");
        assertThat(failure("generate", "-m", model, "-p", "a", "--context", 17).err())
                .contains("17", "16");
        assertThat(failure("tokenize", "-m", model, "--decode", 1, 32).err()).contains("32", "0 to 31");
        Path absent = directory.resolve("absent.txt");
        assertThat(failure("tokenize", "-m", model, "--file", absent).err()).contains("absent.txt", "no such file");
        assertThat(failure("perplexity", "-m", model, "--file", absent).err()).contains("absent.txt", "no such file");
        Path latin = Files.write(directory.resolve("latin.txt"), new byte[] {'c', 'a', 'f', (byte) 0xE9, '.'});
        assertThat(failure("perplexity", "-m", model, "--file", latin).err()).contains("latin.txt", "UTF-8");
    }

    private static Run failure(Object... arguments) {
        Run run = Run.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("squall: ")
                .endsWith(System.lineSeparator())
                .hasLineCount(1);
        return run;
    }

    @Test
    void verboseAddsTheStackTrace() throws IOException {
        Path file = Files.writeString(directory.resolve("model.gguf"), "GGUF and then nothing of use");
        String line = failure("info", "-m", file).err();
        for (Run verbose :
                new Run[] {Run.of("info", "-m", file, "--verbose"), Run.of("--verbose", "info", "-m", file)}) {
            assertThat(verbose.exitCode()).isEqualTo(1);
            assertThat(verbose.err())
                    .startsWith(line)
                    .contains("ModelFileException", System.lineSeparator() + "\tat dev.squall.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "chat", "tokenize", "info", "perplexity", "bench", "verify", "doctor"})
    void helpDescribesEveryCommand(String command) {
        assertThat(Run.of("--help").out()).contains("  " + command);
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8)); // where picocli says what it cannot format
        Run help;
        try {
            help = Run.of(command, "--help");
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(help.exitCode()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out()).startsWith("Usage: squall " + command);
        if (!command.equals("doctor")) {
            assertThat(help.out().replaceAll("\\s+", " "))
                    .contains("GGUF file, a Hugging Face directory or a llama2.c .bin");
        }
        if (help.out().contains("--context")) {
            assertThat(help.out().replaceAll("\\s+", " "))
                    .contains("at most " + TransformerOptions.DEFAULT_CONTEXT + " where text is generated.");
        }
    }

    @Test
    void theContextThatHelpSpeaksOfIsTheDefault() {
        assertThat(Run.of("generate", "--help").out()).contains("--context");
        Path model = BigramModel.write(directory.resolve("long.gguf"), 2 * TransformerOptions.DEFAULT_CONTEXT);
        try (dev.squall.Squall squall = dev.squall.Squall.load(model)) {
            assertThat(squall.contextLength()).isEqualTo(TransformerOptions.DEFAULT_CONTEXT);
        }
    }

    @Test
    void versionAndNoCommandAreFine() {
        assertThat(Run.of("--version")).satisfies(run -> {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).startsWith("squall ");
        });
        Run none = Run.of();
        assertThat(none.exitCode()).isZero();
        assertThat(none.out()).isEqualTo(Run.of("--help").out());
    }
}
