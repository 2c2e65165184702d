package dev.squall.app;

import dev.squall.FinishReason;
import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Squall;
import dev.squall.model.chat.ChatMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall chat}: a conversation. */
@Command(
        name = "chat",
        description = {
            "A conversation, by the model's own chat template.",
            "Ctrl-C stops an answer; /reset begins anew, /exit or Ctrl-D ends."
        })
final class ChatCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private LoadingOptions model;

    @Mixin
    private SamplingOptions sampling;

    @Mixin
    private DraftOptions draft;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told first.")
    private String system;

    @Option(
            names = "--thinking",
            negatable = true,
            fallbackValue = "true",
            description =
                    "Whether the model thinks before it answers, where its chat template can be told; without either"
                            + " the template decides.")
    private Boolean thinking;

    ChatCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Speculation speculation = draft.speculation();
        sampling.options(false, speculation); // wrong usage is found before loading
        try (Squall squall = model.load(draft);
                Terminal terminal = TerminalBuilder.builder().dumb(true).build()) {
            GenerationOptions options = sampling.options(false, speculation, squall, false);
            LineReader reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .appName("squall")
                    .build();
            AtomicBoolean stopped = new AtomicBoolean();
            terminal.handle(Terminal.Signal.INT, signal -> stopped.set(true));
            List<ChatMessage> messages = beginning();
            for (String line = read(reader); line != null; line = read(reader)) {
                if (line.equals("/exit")) {
                    break;
                } else if (line.equals("/reset")) {
                    messages = beginning();
                } else if (!line.isBlank()) {
                    stopped.set(false);
                    messages.add(ChatMessage.user(line));
                    answer(squall, messages, options, stopped);
                }
            }
        }
        return 0;
    }

    private List<ChatMessage> beginning() {
        List<ChatMessage> messages = new ArrayList<>();
        if (system != null) {
            messages.add(ChatMessage.system(system));
        }
        return messages;
    }

    /** The next line, or null at the end of the input. Ctrl-C at the prompt only drops the line. */
    private static String read(LineReader reader) {
        while (true) {
            try {
                return reader.readLine("> ").strip();
            } catch (UserInterruptException e) {
                // the line is dropped, the conversation goes on
            } catch (EndOfFileException e) {
                return null;
            }
        }
    }

    private void answer(Squall squall, List<ChatMessage> messages, GenerationOptions options, AtomicBoolean stopped) {
        Map<String, Object> variables = thinking == null ? Map.of() : Map.of("enable_thinking", thinking);
        Generation result = squall.chat(messages, variables, options, token -> {
            console.out().print(token.text());
            console.out().flush();
            return !stopped.get();
        });
        console.out().println();
        messages.add(ChatMessage.assistant(result.text()));
        if (draft.report(result.speculation())) {
            console.err().println(DraftOptions.line(result.speculation()));
        }
        if (result.finishReason() == FinishReason.CONTEXT_FULL) {
            console.err()
                    .println(
                            "squall: the context of " + squall.contextLength() + " tokens is full; /reset begins anew");
        }
    }
}
