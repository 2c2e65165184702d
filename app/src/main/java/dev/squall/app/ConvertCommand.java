package dev.squall.app;

import dev.squall.model.convert.GgufConverter;
import dev.squall.model.format.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall convert}: a Hugging Face directory as one GGUF file. */
@Command(name = "convert", description = "Writes a Hugging Face directory as one GGUF file, with its tokenizer.")
final class ConvertCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelOptions model;

    /** Types that matrices can be written in. */
    enum Type {
        F32(TensorType.F32),
        F16(TensorType.F16),
        Q8_0(TensorType.Q8_0);

        private final TensorType stored;

        Type(TensorType stored) {
            this.stored = stored;
        }
    }

    @Option(names = "--type", required = true, description = "Type of the matrices: f32, f16 or q8_0.")
    private Type type;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE.gguf",
            required = true,
            description = "The file that is written; one that is there is not replaced.")
    private Path output;

    ConvertCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        GgufConverter.convert(model.named(), type.stored, output);
        console.out().println(output + ": " + Files.size(output) + " bytes");
        return 0;
    }
}
