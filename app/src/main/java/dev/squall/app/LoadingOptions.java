package dev.squall.app;

import dev.squall.LoadOptions;
import dev.squall.Squall;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.Devices;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.KvType;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.spec.DraftVariant;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopePreset;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.TransformerOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
            names = "--attention",
            paramLabel = "HOW",
            arity = "0..1",
            fallbackValue = "",
            description =
                    "What a token attends to: dense is all before it, sparse the blocks that matter once there are"
                            + " more than --sparse allows (InfLLM-V2), auto sparse where the model's files say how; the default is"
                            + " auto.")
    private String attention = "auto";

    @Option(
            names = "--sparse",
            paramLabel = "NAME=N",
            split = ",",
            description =
                    "Numbers of sparse attention that are not MiniCPM4's: stride=16 (a block is four, a window two"
                            + " strides), init=1 and topk=64 blocks, window=2048 tokens, dense=8192 tokens below which all are"
                            + " attended to (-1: none), exact=0 or 1 for the exact normaliser.")
    private Map<String, Integer> sparse = Map.of();

    @Option(
            names = "--kv-type",
            paramLabel = "TYPE",
            description =
                    "How keys and values are stored: f32, or f16, which takes half the memory and rounds them; the"
                            + " default is f32.")
    private KvType kvType = KvType.F32;

    @Option(
            names = "--rope",
            paramLabel = "PRESET",
            description = "Published rotary factors with which MiniCPM4 reads 131,072 tokens: minicpm4-128k, or"
                    + " minicpm4.1-128k for MiniCPM4.1.")
    private String rope;

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
    Squall load(Path draft, List<Integer> vocabulary, DraftVariant variant) {
        return load(
                0,
                deviceOrNull(),
                options -> options.draft(draft).draftVocabulary(vocabulary).draftVariant(variant));
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

    /** Whether {@code --attention} stands without a value, which only some commands know. */
    boolean attentionAlone() {
        return attention.isEmpty();
    }

    /** The numbers of {@code --sparse}, for a command that has rows of any length choose. */
    SparseConfig sparseAtAnyLength() {
        SparseConfig asked = sparse();
        return new SparseConfig(
                asked.kernelSize(),
                asked.kernelStride(),
                asked.initBlocks(),
                asked.blockSize(),
                asked.windowSize(),
                asked.topk(),
                -1,
                asked.exact());
    }

    /** Refuses a {@code --kv-type} where it would be ignored. */
    void requireF32(String command) {
        if (kvType != KvType.F32) {
            throw wrongUsage("--kv-type: found " + kvType + " with " + command + ", expected F32");
        }
    }

    /** The model's description, with the rotation of {@code --rope}. */
    ModelSpec spec(Checkpoint checkpoint) {
        ModelSpec own = Families.spec(checkpoint);
        return rope == null ? own : rope().apply(own);
    }

    Tokenizer tokenizer(Checkpoint checkpoint) {
        return Tokenizers.of(checkpoint, tokenizer);
    }

    /** The kernels of {@code --kernels}, for a command that computes on the JVM. */
    KernelSet kernelSet() {
        if (deviceOrNull() != null) {
            throw wrongUsage("--device: found " + device + ", expected jvm");
        }
        return switch (kernels) {
            case AUTO -> KernelSet.best();
            case SIMD -> KernelSet.simd();
            case REFERENCE -> KernelSet.reference();
        };
    }

    private RopePreset rope() {
        try {
            return RopePreset.of(rope);
        } catch (IllegalArgumentException unknown) {
            throw wrongUsage("--rope: " + unknown.getMessage());
        }
    }

    private LoadOptions.Attention attention() {
        return switch (attention.toLowerCase(Locale.ROOT)) {
            case "auto" -> LoadOptions.Attention.AUTO;
            case "dense" -> LoadOptions.Attention.DENSE;
            case "sparse" -> LoadOptions.Attention.SPARSE;
            default -> throw wrongUsage("--attention: found '" + attention + "', expected auto, dense or sparse");
        };
    }

    private SparseConfig sparse() {
        Map<String, Integer> numbers = new HashMap<>(sparse);
        SparseConfig otherwise = SparseConfig.defaults();
        int stride = take(numbers, "stride", otherwise.kernelStride());
        try {
            SparseConfig config = new SparseConfig(
                    2 * stride,
                    stride,
                    take(numbers, "init", otherwise.initBlocks()),
                    4 * stride,
                    take(numbers, "window", otherwise.windowSize()),
                    take(numbers, "topk", otherwise.topk()),
                    take(numbers, "dense", otherwise.denseLength()),
                    take(numbers, "exact", 0) == 1);
            if (!numbers.isEmpty()) {
                throw new IllegalArgumentException(
                        "found " + numbers.keySet() + ", expected stride, init, window, topk, dense and exact");
            }
            return config;
        } catch (IllegalArgumentException e) {
            throw wrongUsage("--sparse: " + e.getMessage());
        }
    }

    private static int take(Map<String, Integer> numbers, String name, int otherwise) {
        Integer number = numbers.remove(name);
        return number == null ? otherwise : number;
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
        if (rope != null) {
            options.rope(rope());
        }
        options.kvType(kvType);
        options.attention(attention());
        if (!sparse.isEmpty()) {
            options.attention(LoadOptions.Attention.SPARSE).sparse(sparse());
            if (attention() == LoadOptions.Attention.DENSE) {
                throw wrongUsage("--sparse: found " + sparse + " with --attention dense, expected none");
            }
        }
        if (tokenizer != null) {
            options.tokenizer(tokenizer);
        }
        more.accept(options);
        return Squall.load(path, options.build());
    }
}
