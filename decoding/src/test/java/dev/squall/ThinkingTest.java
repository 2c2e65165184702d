package dev.squall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.chat.ChatMessage;
import dev.squall.model.fixtures.BigramModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that think or not, as their template is told. This one goes on with the last letter of what it reads. */
class ThinkingTest {
    private static final String TEMPLATE = "{{ bos_token }}{% for message in messages %}{{ message['content'] }}"
            + "{% endfor %}{% if enable_thinking is defined and enable_thinking is false %} d"
            + "{% else %} t{% endif %}";

    @TempDir
    Path directory;

    @Test
    void theTemplateIsToldWhetherToThink() {
        try (Squall squall = load(TEMPLATE)) {
            assertThat(answer(squall, Map.of())).isEqualTo("uvw");
            assertThat(answer(squall, Map.of("enable_thinking", true))).isEqualTo("uvw");
            assertThat(answer(squall, Map.of("enable_thinking", false))).isEqualTo("efg");
        }
    }

    @Test
    void aTemplateThatKnowsNoThinkingIsNotToldInVain() {
        try (Squall squall = load("{{ bos_token }}{{ messages[0]['content'] }}")) {
            assertThatThrownBy(() -> answer(squall, Map.of("enable_thinking", false)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("thinking.gguf", "enable_thinking");
        }
    }

    private Squall load(String template) {
        return Squall.load(BigramModel.gguf(64)
                .put("tokenizer.chat_template", template)
                .write(directory.resolve("thinking.gguf")));
    }

    private static String answer(Squall squall, Map<String, Object> variables) {
        GenerationOptions options = GenerationOptions.builder().maxTokens(3).build();
        return squall.chat(List.of(ChatMessage.user("hello")), variables, options, token -> true)
                .text();
    }
}
