package dev.squall.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The words of GPT-2, Llama 3 and Qwen2, worked out by hand from their patterns. */
class PreTokenizerTest {
    private static void check(String name, String text, String... words) {
        assertThat(PreTokenizer.named(name).split(text)).as(name).containsExactly(words);
    }

    @Example
    void gpt2() {
        check(
                "gpt-2",
                "I'll see you in 2024!!  ok\n\n",
                "I",
                "'ll",
                " see",
                " you",
                " in",
                " 2024",
                "!!",
                " ",
                " ok",
                "\n\n");
        check("gpt-2", "WE'LL", "WE", "'", "LL"); // capitals are no contraction
        check("gpt-2", "a\n b\nc", "a", "\n", " b", "\n", "c");
        check("gpt-2", "(foo)\t\tbar", "(", "foo", ")", "\t", "\t", "bar");
        check("gpt-2", "a1b22", "a", "1", "b", "22");
        check("gpt-2", "end.  ", "end", ".", "  ");
        check("gpt-2", "hi \ud83d\ude00!", "hi", " \ud83d\ude00!");
        check("gpt-2", "a\u00a0b\u3000", "a", "\u00a0", "b", "\u3000"); // white space of Unicode
        check("gpt-2", "\u0915\u093f", "\u0915", "\u093f"); // a mark is no letter
        check("gpt-2", "\u00bd\u0664", "\u00bd\u0664"); // numbers are more than digits
    }

    @Example
    void llama3() {
        check(
                "llama-bpe",
                "WE'LL see 12345 files.\n\nok",
                "WE",
                "'LL",
                " see",
                " ",
                "123",
                "45",
                " files",
                ".\n\n",
                "ok");
        check("llama-bpe", "(foo)\t\tbar", "(foo", ")", "\t", "\tbar");
        check("llama-bpe", "a \n b", "a", " \n", " b");
        check("llama-bpe", "a  b", "a", " ", " b");
        check("llama-bpe", "a\u00a0b", "a", "\u00a0b");
        check("llama-bpe", "x=1;\r\n  y", "x", "=", "1", ";\r\n", " ", " y");
        check("llama-bpe", "don't 'tis", "don", "'t", " '", "tis");
    }

    @Example
    void qwen2() {
        check("qwen2", "WE'LL see 2024.\n\nok", "WE", "'LL", " see", " ", "2", "0", "2", "4", ".\n\n", "ok");
        check("qwen2", "\u4f60\u597d\uff0c\u4e16\u754c", "\u4f60\u597d", "\uff0c\u4e16\u754c");
        check("qwen2", "   \n\n  a", "   \n\n", " ", " a");
    }

    @Property(tries = 300)
    void wordsAreTheWholeText(@ForAll("texts") String text) {
        for (String name : new String[] {"gpt-2", "llama-bpe", "qwen2"}) {
            assertThat(String.join("", PreTokenizer.named(name).split(text))).isEqualTo(text);
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Vocabularies.texts();
    }

    @Example
    void aLongRunNeedsNoStack() {
        for (String run : new String[] {"a", " ", "\n", "!", "7", " a"}) {
            String text = run.repeat(200_000);
            for (String name : new String[] {"gpt-2", "llama-bpe", "qwen2"}) {
                assertThat(String.join("", PreTokenizer.named(name).split(text)))
                        .hasSameSizeAs(text);
            }
        }
    }
}
