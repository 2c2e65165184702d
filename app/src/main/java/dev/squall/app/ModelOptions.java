package dev.squall.app;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which model: the option that every command with a model takes. */
class ModelOptions {
    static final String KINDS = "a GGUF file, a Hugging Face directory or a llama2.c .bin file";
    static final String MISSING = "no model: pass one with -m MODEL, which is " + KINDS;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "The model: " + KINDS + ".")
    private Path model;

    /** The model's path; wrong usage where there is none. */
    final Path path() {
        if (model == null) {
            throw wrongUsage(MISSING);
        }
        if (!Files.exists(model)) {
            throw new IllegalArgumentException(model + ": no such file or directory; -m takes " + KINDS);
        }
        return model;
    }

    final ParameterException wrongUsage(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
