package dev.squall;

import dev.squall.bundled.BundledModel;
import dev.squall.decoding.Generator;
import dev.squall.decoding.PassTimer;
import dev.squall.decoding.Request;
import dev.squall.decoding.Scorer;
import dev.squall.kernels.Devices;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.model.chat.ChatMessage;
import dev.squall.model.chat.ChatTemplate;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.DraftVariant;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.DraftModel;
import dev.squall.model.transformer.StartTimes;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A loaded model that continues texts. Tokens are guessed in advance, by a draft or from the text itself, where that has
 * been found to pay; the text does not depend on it, and {@link Speculation#none()} leaves it.
 *
 * <pre>{@code
 * try (Squall squall = Squall.load(Path.of("model.gguf"))) {
 *     Generation result = squall.generate("Once upon a time", GenerationOptions.builder().maxTokens(64).build());
 * }
 * }</pre>
 *
 * <p>Thread-safe. Requests of several threads are decoded together as far as {@link LoadOptions#sequences()} allows, and
 * wait beyond; each gets the text that it would get alone. {@link #close()} waits for the pass that runs and cancels the
 * requests; afterwards every call is an {@link IllegalStateException}.
 */
public final class Squall implements AutoCloseable {
    private static final int LAUNCHED_PASSES = 20;

    private final Checkpoint checkpoint;
    private final Tokenizer tokenizer;
    private final Transformer transformer;
    private volatile Checkpoint draftFiles; // null without a draft, or before it is loaded
    private final Generator generator;
    private final ModelInfo info;
    private ChatTemplate template; // read when somebody chats

    private Squall(Checkpoint checkpoint, LoadOptions options) {
        this.checkpoint = checkpoint;
        this.info = ModelInfo.of(checkpoint);
        if (Families.spec(checkpoint).encoder() != null) {
            throw new ModelFileException(
                    checkpoint.path(),
                    "family",
                    info.family(),
                    "a model that goes on with a text; this one classifies");
        }
        Kernels kernels = switch (options.kernels()) {
            case AUTO -> Kernels.best(options.device().orElse(null));
            case SIMD -> simd();
            case REFERENCE -> KernelSet.reference();
        };
        TransformerOptions sizes = TransformerOptions.defaults()
                .withContextLength(options.contextLength())
                .withSequences(options.sequences())
                .withRows(Speculation.MOST_NODES, Speculation.MOST_NODES)
                .withDevice(options.device().orElse(null))
                .withKvType(options.kvType())
                .withSparse(SparseChoice.of(Families.sparse(checkpoint), options));
        ModelSpec own = Families.spec(checkpoint);
        ModelSpec spec = options.rope().map(rope -> rope.apply(own)).orElse(own);
        try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
            Future<Tokenizer> reading = reader.submit(
                    () -> Tokenizers.of(checkpoint, options.tokenizer().orElse(null)));
            this.transformer = Transformer.load(spec, checkpoint, kernels, sizes);
            try {
                this.tokenizer = matching(result(reading));
            } catch (RuntimeException | Error failure) {
                transformer.close(); // it reads the files that are about to be closed
                throw failure;
            }
        }
        try {
            this.generator = generator(kernels, options);
        } catch (RuntimeException | Error failure) {
            transformer.close();
            throw failure;
        }
    }

    /** With the draft that was named, or with one that is loaded later, or without. */
    private Generator generator(Kernels kernels, LoadOptions options) {
        if (options.draft().isPresent()) {
            DraftModel draft = draft(options.draft().get(), options.draftVocabulary(), kernels, options.draftVariant());
            return new Generator(transformer, tokenizer, options.sequences(), draft);
        }
        Path beside =
                options.draftBeside() ? DraftFiles.beside(checkpoint.path()).orElse(null) : null;
        if (beside == null) {
            return new Generator(transformer, tokenizer, options.sequences());
        }
        Supplier<DraftModel> later =
                () -> draft(beside, DraftFiles.usualVocabulary(beside), kernels, DraftVariant.defaults());
        Executor executor = Devices.present()
                ? Runnable::run // whose plans belong to one thread
                : task -> Thread.ofPlatform().daemon().name("squall-draft").start(task);
        return new Generator(transformer, tokenizer, options.sequences(), later, executor);
    }

    private DraftModel draft(Path directory, List<Integer> vocabulary, Kernels kernels, DraftVariant variant) {
        draftFiles = Checkpoints.open(directory);
        try {
            if (!vocabulary.isEmpty() && !vocabulary.containsAll(tokenizer.endOfSequence())) {
                System.getLogger(Squall.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "the draft's vocabulary lacks end-of-sequence tokens, so it can never guess an end: "
                                        + tokenizer.endOfSequence());
            }
            int[] ids = vocabulary.isEmpty()
                    ? null
                    : vocabulary.stream().mapToInt(id -> id).toArray();
            KernelSet set = kernels instanceof KernelSet plain ? plain : KernelSet.reference();
            return DraftModel.load(draftFiles, transformer, set, ids, variant);
        } catch (RuntimeException | Error failure) {
            draftFiles.close();
            draftFiles = null;
            throw failure;
        }
    }

    private static KernelSet simd() {
        if (Devices.present()) {
            throw new IllegalArgumentException(
                    "kernels: found SIMD, which run on the JVM only, expected AUTO or REFERENCE "
                            + "in a process that computes on a device");
        }
        return KernelSet.simd();
    }

    private Tokenizer matching(Tokenizer tokenizer) {
        if (tokenizer.vocabSize() > info.vocabulary()) {
            throw new ModelFileException(
                    checkpoint.path(),
                    "tokenizer",
                    tokenizer.vocabSize() + " tokens",
                    "at most the model's " + info.vocabulary());
        }
        return tokenizer;
    }

    private static <T> T result(Future<T> task) {
        try {
            return task.get();
        } catch (ExecutionException failure) {
            switch (failure.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(failure);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while loading", stop);
        }
    }

    /** Loads the small model that comes with Squall: English of old books, for first steps and for tests. */
    public static Squall load() {
        return load(LoadOptions.defaults());
    }

    /** Loads the small model that comes with Squall. */
    public static Squall load(LoadOptions options) {
        return load(BundledModel.target(), options);
    }

    /** Loads a GGUF file, a Hugging Face directory or a llama2.c file. */
    public static Squall load(Path model) {
        return load(model, LoadOptions.defaults());
    }

    /**
     * Loads a GGUF file, a Hugging Face directory or a llama2.c file.
     *
     * @throws ModelFileException if a file is missing, malformed, or of a kind or family that is not supported
     */
    public static Squall load(Path model, LoadOptions options) {
        Checkpoint checkpoint = Checkpoints.open(model);
        try {
            return new Squall(checkpoint, options);
        } catch (RuntimeException | Error failure) {
            checkpoint.close();
            throw failure;
        }
    }

    /** Continues a text as it stands, with the default options. */
    public Generation generate(String prompt) {
        return generate(prompt, GenerationOptions.defaults());
    }

    /** Continues a text as it stands: no template, no change but the beginning-of-sequence token that the model wants. */
    public Generation generate(String prompt, GenerationOptions options) {
        return generate(prompt, options, token -> true);
    }

    /**
     * Continues a text and hands over each token as soon as it is certain.
     *
     * @param onToken returns whether to go on; false cancels
     */
    public Generation generate(String prompt, GenerationOptions options, Predicate<Token> onToken) {
        return run(generator.submit(prompt, tokenizer.encodePrompt(prompt, options.parseSpecial()), options), onToken);
    }

    /** Continues tokens exactly as they are. */
    public Generation generate(int[] promptIds, GenerationOptions options) {
        return run(generator.submit(tokenizer.decode(promptIds), promptIds, options), token -> true);
    }

    /** Continues a text as a lazy stream. Closing it cancels the rest. */
    public Stream<Token> stream(String prompt, GenerationOptions options) {
        int[] ids = tokenizer.encodePrompt(prompt, options.parseSpecial());
        return TokenStream.of(generator, generator.submit(prompt, ids, options));
    }

    /** Answers a conversation, by the model's own chat template. */
    public Generation chat(List<ChatMessage> messages, GenerationOptions options) {
        return chat(messages, options, token -> true);
    }

    /**
     * Answers a conversation and hands over each token as soon as it is certain.
     *
     * @param onToken returns whether to go on; false cancels
     * @throws ModelFileException if the model has no chat template
     */
    public Generation chat(List<ChatMessage> messages, GenerationOptions options, Predicate<Token> onToken) {
        return chat(messages, Map.of(), options, onToken);
    }

    /**
     * Answers a conversation by a template that has variables of its own.
     *
     * @param variables by name: {@code enable_thinking}, for models that think before they answer or not
     * @throws IllegalArgumentException if the model's template does not mention a variable
     */
    public Generation chat(
            List<ChatMessage> messages,
            Map<String, Object> variables,
            GenerationOptions options,
            Predicate<Token> onToken) {
        ChatTemplate template = chatTemplate();
        for (String name : variables.keySet()) {
            if (!template.mentions(name)) {
                throw new IllegalArgumentException(checkpoint.path() + ": chat template: found nothing about " + name
                        + ", expected a template that mentions it");
            }
        }
        String prompt = template.render(messages, true, variables);
        return run(generator.submit(prompt, tokenizer.encodePrompt(prompt, true), options), onToken);
    }

    private Generation run(Request request, Predicate<Token> onToken) {
        try {
            for (Token token = generator.next(request); token != null; token = generator.next(request)) {
                if (!onToken.test(token) || Thread.currentThread().isInterrupted()) {
                    generator.cancel(request);
                }
            }
        } catch (RuntimeException | Error failure) {
            generator.cancel(request);
            throw failure;
        }
        return generator.result(request);
    }

    private synchronized ChatTemplate chatTemplate() {
        if (template == null) {
            Tokenizers.Template source = Tokenizers.chatTemplate(checkpoint, tokenizer)
                    .orElseThrow(() -> new ModelFileException(
                            checkpoint.path(), "chat template", "nothing", "one in the model's files; use generate"));
            template = ChatTemplate.parse(checkpoint.path().toString(), source.source(), source.specialTokens());
        }
        return template;
    }

    /**
     * Measures how well the model predicts a text, in windows of the context length that do not overlap.
     *
     * @param progress told how many of how many tokens are done
     */
    public Perplexity perplexity(String text, Consumer<double[]> progress) {
        int[] ids = tokenizer.encode(text, false);
        int first = tokenizer.bos().orElse(-1);
        int window = transformer.contextLength();
        long predicted = first >= 0 ? ids.length : ids.length - (ids.length + window - 1L) / window;
        if (predicted < 1) {
            throw new IllegalArgumentException("text: found " + ids.length + " tokens, expected at least 2");
        }
        LongConsumer done = tokens -> progress.accept(new double[] {tokens, ids.length});
        double sum = generator.alone(() -> new Scorer(transformer).negativeLogLikelihood(ids, first, window, done));
        return new Perplexity(predicted, text.getBytes(StandardCharsets.UTF_8).length, sum, window);
    }

    /**
     * Measures passes over several rows that all ask for logits, sizes in turn.
     *
     * @param repeats passes of each size
     * @param rows [n], rows of a pass, at most {@value Speculation#MOST_NODES}
     * @return [n], medians in seconds
     */
    public double[] passSeconds(int repeats, int... rows) {
        double[][] seconds = new double[1][];
        generator.alone(() -> {
            seconds[0] = PassTimer.seconds(transformer, rows, repeats);
            return 0;
        });
        return seconds[0];
    }

    /** What the device costs besides computing; empty on the JVM. */
    public Optional<DeviceFigures> deviceFigures() {
        if (!Devices.present()) {
            return Optional.empty();
        }
        double[] seconds = new double[1];
        generator.alone(() -> seconds[0] = PassTimer.launchSeconds(transformer, LAUNCHED_PASSES));
        StartTimes start = transformer.start();
        return Optional.of(new DeviceFigures(
                transformer.launches(),
                seconds[0] / transformer.launches(),
                start.compiler(),
                start.driver(),
                start.copies(),
                start.copied()));
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    public ModelInfo info() {
        return info;
    }

    /** Most tokens of a sequence, prompt and completion together. */
    public int contextLength() {
        return transformer.contextLength();
    }

    /** Waits for the pass that runs, cancels the requests, and lets go of the model's files. */
    @Override
    public void close() {
        generator.close();
        transformer.close();
        checkpoint.close();
        if (draftFiles != null) {
            draftFiles.close();
        }
    }
}
