package dev.squall.model.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into the words that merges do not cross: one pattern after the other, each on what the one before left.
 *
 * <p>Patterns are those of the models, with two changes that leave the meaning alone: white space is Unicode's, as in the
 * libraries they were written for, and runs are possessive, so that a long run costs no stack and no second look.
 */
final class PreTokenizer {
    private static final String SPACE = "\\p{IsWhite_Space}";
    private static final String OTHER = "[^" + SPACE + "\\p{L}\\p{N}]";
    private static final String TAIL = "|" + SPACE + "+(?!\\P{IsWhite_Space})|" + SPACE + "+";

    private static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}++| ?\\p{N}++| ?" + OTHER + "++" + TAIL;
    private static final String LLAMA3 = modern("{1,3}+");
    private static final String QWEN2 = modern("");

    private static final Map<String, String> BY_NAME = Map.ofEntries(
            Map.entry("gpt-2", GPT2),
            Map.entry("gpt2", GPT2),
            Map.entry("llama3", LLAMA3),
            Map.entry("llama-v3", LLAMA3),
            Map.entry("llama-bpe", LLAMA3),
            Map.entry("qwen2", QWEN2));

    private final List<Pattern> patterns;

    private static String modern(String digits) {
        return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}++|\\p{N}" + digits + "| ?" + OTHER
                + "++[\\r\\n]*+|" + SPACE + "*[\\r\\n]+" + TAIL;
    }

    PreTokenizer(List<Pattern> patterns) {
        this.patterns = List.copyOf(patterns);
    }

    /** The pre-tokeniser that files call so, or null. */
    static PreTokenizer named(String name) {
        String pattern = BY_NAME.get(name);
        return pattern == null ? null : new PreTokenizer(List.of(Pattern.compile(pattern)));
    }

    static String names() {
        return String.join(", ", BY_NAME.keySet().stream().sorted().toList());
    }

    /** GPT-2's pattern, which tokenizer.json means by "use_regex". */
    static Pattern gpt2() {
        return Pattern.compile(GPT2);
    }

    /** A pattern as tokenizer.json writes it, for a library whose white space is Unicode's. */
    static Pattern translate(String regex) {
        for (String known : new String[] {
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
        }) {
            if (regex.equals(known)) {
                return Pattern.compile(known.contains("{1,3}") ? LLAMA3 : QWEN2);
            }
        }
        String java = regex.replace("\\s", "\\p{IsWhite_Space}")
                .replace("\\S", "\\P{IsWhite_Space}")
                .replace("\\d", "\\p{Nd}")
                .replace("\\D", "\\P{Nd}");
        return Pattern.compile(java);
    }

    /** The words of a text, in order; together they are the text. */
    List<String> split(String text) {
        List<String> words = List.of(text);
        for (Pattern pattern : patterns) {
            List<String> finer = new ArrayList<>();
            for (String word : words) {
                split(word, pattern, finer);
            }
            words = finer;
        }
        return words;
    }

    private static void split(String text, Pattern pattern, List<String> out) {
        Matcher matcher = pattern.matcher(text);
        int end = 0;
        while (matcher.find()) {
            if (matcher.start() > end) {
                out.add(text.substring(end, matcher.start()));
            }
            if (matcher.end() > matcher.start()) {
                out.add(matcher.group());
            }
            end = matcher.end();
        }
        if (end < text.length()) {
            out.add(text.substring(end));
        }
    }
}
