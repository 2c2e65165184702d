package dev.squall.model.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Published chat templates, and single expressions, render to what Jinja2 itself made of them (resources: record.py). */
class ChatTemplateRenderingTest {
    private static final JsonNode RECORDED =
            JsonMapper.shared().readTree(new String(resource("renderings.json"), StandardCharsets.UTF_8));
    private static final Clock CLOCK =
            Clock.fixed(LocalDateTime.parse(RECORDED.get("time").asString()).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);

    static Stream<Arguments> conversations() {
        return StreamSupport.stream(RECORDED.get("cases").spliterator(), false)
                .map(node -> Arguments.of(
                        node.get("template").asString() + ": "
                                + node.get("conversation").asString() + ", prompt "
                                + node.get("addGenerationPrompt").asBoolean(),
                        node));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void conversations(String name, JsonNode recorded) {
        String file = recorded.get("template").asString();
        Map<String, String> tokens = new LinkedHashMap<>();
        recorded.get("tokens").forEachEntry((token, text) -> tokens.put(token, text.asString()));
        ChatTemplate template = ChatTemplate.parse(
                        file, new String(resource("templates/" + file), StandardCharsets.UTF_8), tokens)
                .withClock(CLOCK);
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : recorded.get("messages")) {
            Map<String, Object> extra = entries(message);
            String role = (String) extra.remove("role");
            String content = extra.get("content") instanceof String ? (String) extra.remove("content") : null;
            messages.add(new ChatMessage(role, content, extra));
        }
        Map<String, Object> variables = entries(recorded.get("variables"));
        boolean prompt = recorded.get("addGenerationPrompt").asBoolean();
        if (recorded.has("error")) {
            assertThatExceptionOfType(ChatTemplateException.class)
                    .isThrownBy(() -> template.render(messages, prompt, variables))
                    .withMessageStartingWith(file + ":")
                    .withMessageEndingWith(recorded.get("error").asString());
        } else {
            assertThat(template.render(messages, prompt, variables))
                    .isEqualTo(recorded.get("expected").asString());
        }
    }

    static Stream<Arguments> expressions() {
        return StreamSupport.stream(RECORDED.get("expressions").spliterator(), false)
                .map(node -> Arguments.of(
                        node.get("source").asString(), node.get("expected").asString()));
    }

    @ParameterizedTest
    @MethodSource
    void expressions(String source, String expected) {
        Map<String, Object> person = new LinkedHashMap<>();
        person.put("name", "Ann");
        person.put("items", 3);
        person.put("age", null);
        Map<String, Object> variables =
                Map.of("words", List.of("b", "A", "c"), "text", "Hello wörld 🙂", "person", person, "n", 7);
        assertThat(ChatTemplate.parse(source, Map.of()).withClock(CLOCK).render(List.of(), false, variables))
                .isEqualTo(expected);
    }

    @Test
    void everyFamilyIsRecorded() {
        assertThat(RECORDED.get("cases").size()).isGreaterThan(100);
        assertThat(RECORDED.get("expressions").size()).isGreaterThan(30);
    }

    private static Map<String, Object> entries(JsonNode node) {
        Map<String, Object> entries = new LinkedHashMap<>();
        node.forEachEntry((name, value) -> entries.put(name, JsonMapper.shared().convertValue(value, Object.class)));
        return entries;
    }

    private static byte[] resource(String name) {
        try (InputStream in = ChatTemplateRenderingTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
