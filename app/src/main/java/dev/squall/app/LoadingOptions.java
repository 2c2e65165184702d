package dev.squall.app;

import dev.squall.LoadOptions;
import dev.squall.Squall;
import dev.squall.kernels.Devices;
import dev.squall.model.transformer.TransformerOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** Which model, and how it is loaded: the options of every command that computes. */
final class LoadingOptions extends ModelOptions {
    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "The tokenizer's file, where the model has none of its own.")
    private Path tokenizer;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Context length in tokens; the default is the trained context, at most "
                    + TransformerOptions.DEFAULT_CONTEXT + " where text is generated.")
    private Integer contextLength;

    @Option(
            names = "--kernels",
            paramLabel = "SET",
            description = "Kernel set: auto, simd or reference; the default is auto.")
    private LoadOptions.Kernels kernels = LoadOptions.Kernels.AUTO;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "${env:SQUALL_DEVICE:-jvm}",
            description =
                    "What computes: jvm, auto, or a device of 'squall devices' by its index or a part of its name; "
                            + "the default is SQUALL_DEVICE, else jvm.")
    private String device;

    /** Loads the model with the context of {@code --context}, or the default one. */
    Squall load() {
        return load(0);
    }

    /** Loads the model with a draft beside it, which may guess some tokens only, or all where there are none. */
    Squall load(Path draft, List<Integer> vocabulary) {
        return load(0, deviceOrNull(), options -> options.draft(draft).draftVocabulary(vocabulary));
    }

    /** Loads the model with the context of {@code --context}, and a draft beside it where one is asked for. */
    Squall load(DraftOptions draft) {
        return load(0, deviceOrNull(), options -> draft.apply(options, path()));
    }

    /**
     * Loads the model.
     *
     * @param otherwise context length where {@code --context} is not given, 0 for the default
     */
    Squall load(int otherwise) {
        return load(otherwise, deviceOrNull(), options -> {});
    }

    private String deviceOrNull() {
        boolean noDevice = device.equals("jvm") || device.equals("auto") && !Devices.present();
        return noDevice ? null : device;
    }

    /** Loads the model on the JVM, whatever device is named. */
    Squall loadOnJvm() {
        return load(0, null, options -> {});
    }

    private Squall load(int otherwise, String onDevice, Consumer<LoadOptions.Builder> more) {
        Path path = path();
        if (contextLength != null && contextLength < 1) {
            throw wrongUsage("--context: found " + contextLength + ", expected at least 1");
        }
        LoadOptions.Builder options =
                LoadOptions.builder().kernels(kernels).contextLength(contextLength != null ? contextLength : otherwise);
        if (onDevice != null) {
            if (kernels == LoadOptions.Kernels.SIMD) {
                throw wrongUsage("--kernels: found simd with --device " + onDevice + ", expected auto or reference");
            }
            options.device(onDevice);
        }
        if (tokenizer != null) {
            options.tokenizer(tokenizer);
        }
        more.accept(options);
        return Squall.load(path, options.build());
    }
}
