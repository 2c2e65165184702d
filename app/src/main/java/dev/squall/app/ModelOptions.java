package dev.squall.app;

import dev.squall.bundled.BundledModel;
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

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "The model: " + KINDS
                    + ". Without it, the small one that comes with Squall for this command; convert needs one.")
    private Path model;

    /** The model's path, or that of the one that comes with Squall. */
    final Path path() {
        if (model == null) {
            return bundled();
        }
        if (!Files.exists(model)) {
            throw new IllegalArgumentException(model + ": no such file or directory; -m takes " + KINDS);
        }
        return model;
    }

    /** Whether none is named. */
    final boolean isBundled() {
        return model == null;
    }

    /** What is taken where none is named. */
    Path bundled() {
        return BundledModel.target();
    }

    /** The path of the model that was named; wrong usage where none was. */
    final Path named() {
        if (model == null) {
            throw wrongUsage("no model: pass one with -m MODEL, which is " + KINDS);
        }
        return path();
    }

    final ParameterException wrongUsage(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
