package dev.squall.model.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One turn of a conversation, as a chat template sees it.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant}, {@code tool}, or what else the template knows
 * @param content the text of the turn; null where the turn only calls tools
 * @param extra further entries of the message by name, such as {@code tool_calls} or {@code reasoning_content}; values
 *     are null, strings, booleans, numbers, and lists and maps of these
 */
public record ChatMessage(String role, String content, Map<String, Object> extra) {
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        extra = Collections.unmodifiableMap(new LinkedHashMap<>(extra));
    }

    public ChatMessage(String role, String content) {
        this(role, content, Map.of());
    }

    public static ChatMessage system(String content) {
        return new ChatMessage("system", content);
    }

    public static ChatMessage user(String content) {
        return new ChatMessage("user", content);
    }

    public static ChatMessage assistant(String content) {
        return new ChatMessage("assistant", content);
    }
}
