package dev.squall.model.chat;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A chat template as model files carry it: a Jinja program that turns a conversation into the text that the model was
 * trained on.
 *
 * <p>It is parsed and run as Hugging Face's {@code apply_chat_template} does ({@code trim_blocks}, {@code lstrip_blocks},
 * its {@code tojson}, {@code raise_exception} and {@code strftime_now}), in a subset that covers the published templates:
 * if, for (with break and continue), set, macro, expressions, filters, tests, and methods that change nothing. There are no imports, no file
 * access and no way to Java objects; steps, output and nesting are bounded. A construct outside the subset is a {@link
 * ChatTemplateException} with its place, never skipped.
 *
 * <p>Immutable and thread-safe.
 */
public final class ChatTemplate {
    private static final String DEFAULT_NAME = "chat template";

    private final Source source;
    private final List<Statement> statements;
    private final Map<String, String> specialTokens;
    private final Clock clock;

    private ChatTemplate(Source source, List<Statement> statements, Map<String, String> specialTokens, Clock clock) {
        this.source = source;
        this.statements = statements;
        this.specialTokens = Map.copyOf(specialTokens);
        this.clock = clock;
    }

    /**
     * Parses a template.
     *
     * @param source the template's text
     * @param specialTokens names that the template may use for the model's tokens, such as {@code bos_token} and
     *     {@code eos_token}, with their text
     * @throws ChatTemplateException if the text is not in the supported language
     */
    public static ChatTemplate parse(String source, Map<String, String> specialTokens) {
        return parse(DEFAULT_NAME, source, specialTokens);
    }

    /** As {@link #parse(String, Map)}; {@code name} stands in error messages, such as the model file's name. */
    public static ChatTemplate parse(String name, String source, Map<String, String> specialTokens) {
        Source normal = Source.of(name, Objects.requireNonNull(source, "source"));
        return new ChatTemplate(normal, StatementParser.parse(normal), specialTokens, Clock.systemDefaultZone());
    }

    /** The same template with another time for {@code strftime_now}. */
    public ChatTemplate withClock(Clock clock) {
        return new ChatTemplate(source, statements, specialTokens, Objects.requireNonNull(clock, "clock"));
    }

    /** Whether the template's text has a name in it: what it does not mention can change nothing. */
    public boolean mentions(String name) {
        return source.text().contains(name);
    }

    /**
     * Renders a conversation.
     *
     * @param messages the turns, oldest first
     * @param addGenerationPrompt whether the text ends with the opening of the assistant's next turn
     * @param variables further variables by name, such as {@code tools} or {@code enable_thinking}; values are null,
     *     strings, booleans, numbers, and lists and maps of these
     * @return the text, special tokens written out
     * @throws ChatTemplateException if the template refuses the conversation, goes wrong or exceeds its bounds
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, Object> variables) {
        Map<String, Object> names = new HashMap<>();
        names.put("tools", null);
        names.put("documents", null);
        names.put("range", (Values.Function) ChatTemplate::range);
        names.put("namespace", (Values.Function) ChatTemplate::namespace);
        names.put("dict", (Values.Function) arguments -> {
            arguments.allow(0, arguments.named().keySet().toArray(String[]::new));
            return new LinkedHashMap<>(arguments.named());
        });
        names.put("raise_exception", (Values.Function) arguments -> {
            throw new Fault(arguments.text(0, "message"));
        });
        names.put("strftime_now", (Values.Function)
                arguments -> DateText.of(LocalDateTime.now(clock), arguments.text(0, "format")));
        names.putAll(specialTokens);
        variables.forEach((name, value) -> names.put(name, Values.of(value, 0)));
        names.put("messages", messages.stream().map(ChatTemplate::message).toList());
        names.put("add_generation_prompt", addGenerationPrompt);
        return Frame.first(source, names).capture(statements);
    }

    private static Object message(ChatMessage message) {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("role", message.role());
        entries.put("content", message.content());
        message.extra().forEach((name, value) -> entries.put(name, Values.of(value, 1)));
        return entries;
    }

    private static Object range(Arguments arguments) {
        arguments.allow(3);
        boolean bounded = arguments.has(1, "stop");
        long start = bounded ? arguments.integer(0, "start") : 0;
        long stop = arguments.integer(bounded ? 1 : 0, "stop");
        long step = arguments.integer(2, "step", 1L);
        if (step == 0) {
            throw new Fault("range step is 0");
        }
        if (Math.abs((double) stop - start) / Math.abs((double) step) > Budget.MAX_RANGE
                || Math.abs((double) stop) + Math.abs((double) step) > Long.MAX_VALUE / 2) {
            throw new Fault("range of more than " + Budget.MAX_RANGE + " values, or beyond the 64-bit range");
        }
        List<Object> values = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            values.add(i);
        }
        return values;
    }

    private static Object namespace(Arguments arguments) {
        arguments.allow(1, arguments.named().keySet().toArray(String[]::new));
        Map<String, Object> entries = new LinkedHashMap<>();
        if (arguments.get(0, "", Map.of()) instanceof Map<?, ?> initial) {
            initial.forEach((name, value) -> entries.put(String.valueOf(name), value));
        }
        entries.putAll(arguments.named());
        return new Values.Namespace(entries);
    }
}
