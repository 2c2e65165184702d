package dev.squall.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.chat.ChatMessage;
import dev.squall.model.chat.ChatTemplate;
import dev.squall.model.format.GgufCheckpoint;
import dev.squall.model.format.GgufWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The text that MiniCPM4 reads: SentencePiece with bytes, a beginning-of-sequence token, turns between markers which are the
 * vocabulary's last tokens, two tokens that end an answer, and a template that may open and close the thinking by itself.
 */
class MiniCpmChatTest {
    private static final String TEMPLATE = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n'"
            + " + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}"
            + "{{ '<|im_start|>assistant\\n' }}{% if enable_thinking is defined and enable_thinking is false %}"
            + "{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}";
    private static final int BYTES = 3; // token of byte 0
    private static final int SPACE = BYTES + 256;
    private static final int LETTERS = SPACE + 1;
    private static final int END = LETTERS + 26;
    private static final int START = END + 1;

    @TempDir
    Path directory;

    @Test
    void aConversationIsReadTurnByTurn() throws Exception {
        try (GgufCheckpoint checkpoint = new GgufCheckpoint(write())) {
            Tokenizer tokenizer = Tokenizers.of(checkpoint, null);
            assertThat(tokenizer.endOfSequence()).containsExactlyInAnyOrder(2, END);
            Tokenizers.Template source =
                    Tokenizers.chatTemplate(checkpoint, tokenizer).orElseThrow();
            ChatTemplate template = ChatTemplate.parse(source.source(), source.specialTokens());
            List<ChatMessage> messages = List.of(
                    ChatMessage.user("hi \u4f60"), ChatMessage.assistant("yes"), ChatMessage.user("<|im_end|>"));
            String text = template.render(messages, true, Map.of());
            assertThat(text)
                    .isEqualTo("<|im_start|>user\nhi \u4f60<|im_end|>\n<|im_start|>assistant\nyes<|im_end|>\n"
                            + "<|im_start|>user\n<|im_end|><|im_end|>\n<|im_start|>assistant\n");
            int[] ids = tokenizer.encodePrompt(text, true);
            assertThat(ids).startsWith(1, START); // no default system message
            List<Integer> found = new ArrayList<>();
            for (int id : ids) {
                found.add(id);
            }
            assertThat(Collections.frequency(found, 1)).isEqualTo(1);
            assertThat(Collections.frequency(found, START)).isEqualTo(4);
            assertThat(Collections.frequency(found, END)).isEqualTo(4);
            assertThat(Collections.indexOfSubList(
                            found, List.of(LETTERS + 7, LETTERS + 8, SPACE, BYTES + 0xE4, BYTES + 0xBD, BYTES + 0xA0)))
                    .as("hi, and a character of three bytes")
                    .isPositive();
            assertThat(tokenizer.encodePrompt("<|im_end|>", false))
                    .as("what a user writes is text unless it is asked for")
                    .doesNotContain(END);
        }
    }

    @Test
    void thinkingIsOpenedAndClosedByTheTemplate() throws Exception {
        try (GgufCheckpoint checkpoint = new GgufCheckpoint(write())) {
            Tokenizers.Template source = Tokenizers.chatTemplate(checkpoint, Tokenizers.of(checkpoint, null))
                    .orElseThrow();
            ChatTemplate template = ChatTemplate.parse(source.source(), source.specialTokens());
            List<ChatMessage> messages = List.of(ChatMessage.user("a"));
            String thinking = template.render(messages, true, Map.of("enable_thinking", true));
            assertThat(thinking).endsWith("<|im_start|>assistant\n");
            assertThat(template.render(messages, true, Map.of())).isEqualTo(thinking);
            assertThat(template.render(messages, true, Map.of("enable_thinking", false)))
                    .isEqualTo(thinking + "<think>\n\n</think>\n\n");
            assertThat(template.mentions("enable_thinking")).isTrue();
            assertThat(template.mentions("documents")).isFalse();
        }
    }

    private Path write() {
        String[] tokens = new String[START + 1];
        int[] types = new int[tokens.length];
        float[] scores = new float[tokens.length];
        for (int id = 0; id < tokens.length; id++) {
            boolean letter = id >= SPACE && id < END;
            tokens[id] = id >= LETTERS
                    ? String.valueOf((char) ('a' + id - LETTERS))
                    : id == SPACE ? "\u2581" : String.format("<0x%02X>", id - BYTES);
            types[id] = letter ? 1 : 6; // normal, byte
            scores[id] = letter ? -id : 0;
        }
        String[] special = {"<unk>", "<s>", "</s>"};
        for (int id = 0; id < special.length; id++) {
            tokens[id] = special[id];
            types[id] = id == 0 ? 2 : 3; // unknown, control
        }
        tokens[END] = "<|im_end|>";
        tokens[START] = "<|im_start|>";
        types[END] = 3;
        types[START] = 3;
        return new GgufWriter()
                .put("general.architecture", "minicpm")
                .put("tokenizer.ggml.model", "llama")
                .put("tokenizer.ggml.tokens", tokens)
                .put("tokenizer.ggml.scores", scores)
                .put("tokenizer.ggml.token_type", types)
                .put("tokenizer.ggml.bos_token_id", 1)
                .put("tokenizer.ggml.eos_token_id", 2)
                .put("tokenizer.ggml.eot_token_id", END)
                .put("tokenizer.ggml.add_bos_token", true)
                .put("tokenizer.chat_template", TEMPLATE)
                .write(directory.resolve("minicpm.gguf"));
    }
}
