package dev.squall.app;

import dev.squall.LoadOptions;
import dev.squall.Squall;
import dev.squall.model.transformer.TransformerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which model, and how it is loaded: the options that every command with a model takes. */
final class ModelOptions {
    static final String KINDS = "a GGUF file, a Hugging Face directory or a llama2.c .bin file";
    static final String MISSING = "no model: pass one with -m MODEL, which is " + KINDS;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "The model: " + KINDS + ".")
    private Path model;

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "The tokenizer's file, where the model has none of its own.")
    private Path tokenizer;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Context length in tokens; the default is the trained context, but at most "
                    + TransformerOptions.DEFAULT_CONTEXT + ".")
    private Integer contextLength;

    @Option(
            names = "--kernels",
            paramLabel = "SET",
            description = "Kernel set: auto, simd or reference; the default is auto.")
    private LoadOptions.Kernels kernels = LoadOptions.Kernels.AUTO;

    /** The model's path; wrong usage where there is none. */
    Path path() {
        if (model == null) {
            throw new ParameterException(command.commandLine(), MISSING);
        }
        if (!Files.exists(model)) {
            throw new IllegalArgumentException(model + ": no such file or directory; -m takes " + KINDS);
        }
        return model;
    }

    Path tokenizer() {
        return tokenizer;
    }

    /** Loads the model with the context of {@code --context}, or the default one. */
    Squall load() {
        return load(0);
    }

    /**
     * Loads the model.
     *
     * @param otherwise context length where {@code --context} is not given, 0 for the default
     */
    Squall load(int otherwise) {
        Path path = path();
        if (contextLength != null && contextLength < 1) {
            throw new ParameterException(
                    command.commandLine(), "--context: found " + contextLength + ", expected at least 1");
        }
        LoadOptions.Builder options =
                LoadOptions.builder().kernels(kernels).contextLength(contextLength != null ? contextLength : otherwise);
        if (tokenizer != null) {
            options.tokenizer(tokenizer);
        }
        return Squall.load(path, options.build());
    }
}
