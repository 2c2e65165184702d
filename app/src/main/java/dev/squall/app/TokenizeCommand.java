package dev.squall.app;

import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall tokenize}: text to token ids, and ids to text. */
@Command(
        name = "tokenize",
        description = "Turns text into token ids, or ids into text.",
        footer = "MODEL may also be a GGUF file with a vocabulary only, a tokenizer.json, or a tiktoken rank file.")
final class TokenizeCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "The tokenizer's file, where the model has none of its own.")
    private Path file;

    @ArgGroup(multiplicity = "1")
    private Input input;

    @Option(names = "--bos", description = "Put the beginning-of-sequence token first, where it is not there yet.")
    private boolean bos;

    @Option(names = "--special", description = "Read special tokens in the text as such, not as plain text.")
    private boolean special;

    @Option(
            names = "--pre",
            paramLabel = "NAME",
            description = "Pre-tokeniser of a tiktoken rank file: llama3 (default), gpt2 or qwen2.")
    private String preTokenizer;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    static final class Input {
        @Option(
                names = {"-p", "--prompt"},
                paramLabel = "TEXT",
                description = "The text.")
        private String text;

        @Option(names = "--file", paramLabel = "F", description = "A UTF-8 file with the text.")
        private Path file;

        @Option(names = "--decode", paramLabel = "ID", arity = "1..*", description = "Token ids to turn into text.")
        private int[] ids;
    }

    TokenizeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Tokenizer tokenizer = open(model.path());
        if (input.ids != null) {
            String text = tokenizer.decode(input.ids);
            if (json) {
                print(input.ids, text, tokenizer);
            } else {
                console.out().println(text);
            }
            return 0;
        }
        String text = input.text != null ? input.text : TextFile.read(input.file);
        int[] ids = tokenizer.encode(text, special);
        if (bos) {
            int first = tokenizer
                    .bos()
                    .orElseThrow(() -> new IllegalArgumentException(
                            model.path() + ": this tokenizer has no beginning-of-sequence token for --bos"));
            if (ids.length == 0 || ids[0] != first) {
                ids = IntStream.concat(IntStream.of(first), IntStream.of(ids)).toArray();
            }
        }
        if (json) {
            print(ids, text, tokenizer);
        } else {
            console.out().println(IntStream.of(ids).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
        }
        return 0;
    }

    private Tokenizer open(Path path) {
        try {
            return Tokenizers.open(path, file, preTokenizer);
        } catch (IllegalArgumentException e) {
            throw model.wrongUsage(e.getMessage());
        }
    }

    private void print(int[] ids, String text, Tokenizer tokenizer) {
        List<String> pieces = new ArrayList<>();
        for (int id : ids) {
            pieces.add(tokenizer.piece(id));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("text", text);
        result.put("ids", ids);
        result.put("pieces", pieces);
        result.put("count", ids.length);
        console.json(result);
    }
}
