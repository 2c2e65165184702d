package dev.squall.model.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a template must not do: use unknown constructs, run for ever, grow without end, or reach outside. */
class ChatTemplateRefusalTest {
    @ParameterizedTest
    @CsvSource(delimiter = '§', textBlock = """
            {% include 'x' %}                    § 1 § 4  § unknown statement 'include'
            {% import 'x' as y %}                § 1 § 4  § unknown statement 'import'
            ab{% call f() %}{% endcall %}        § 1 § 6  § unknown statement 'call'
            {{ x|shuffle }}                      § 1 § 6  § unknown filter 'shuffle'
            {{ x is prime }}                     § 1 § 9  § unknown test 'prime'
            {{ lambda: 1 }}                      § 1 § 10 § found ':', expected }}
            {{ 1 ? 2 }}                          § 1 § 6  § unexpected character '?'
            {{ f(*args) }}                       § 1 § 6  § found '*', expected an expression
            {{ 'abc }}                           § 1 § 4  § string without its closing '
            {{ [1, 2) }}                         § 1 § 9  § unexpected ')'
            {{ 1 + }}                            § 1 § 8  § found }}, expected an expression
            {{ 1                                 § 1 § 1  § tag without its }}
            {# note                              § 1 § 1  § comment without its #}
            {% if x %}a                          § 1 § 12 § found the end of the template, expected elif or else or endif
            {% endif %}                          § 1 § 4  § unknown statement 'endif'
            {% for x in y recursive %}           § 1 § 15 § found 'recursive', expected %}
            {% break %}                          § 1 § 4  § 'break' outside a loop
            {{ x is odd is even }}               § 1 § 13 § a test of a test
            {% set true = 1 %}                   § 1 § 8  § 'true' cannot be assigned to
            {{ 99999999999999999999 }}           § 1 § 4  § number 99999999999999999999 is out of range
            {{ f(a=1, a=2) }}                    § 1 § 11 § argument 'a' given twice
            """)
    void unknownConstructsAreErrorsWithTheirPlace(String template, int line, int column, String problem) {
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> ChatTemplate.parse("model.gguf", template, Map.of()))
                .withMessage("model.gguf:" + line + ":" + column + ": " + problem)
                .satisfies(e -> assertThat(List.of(e.line(), e.column())).containsExactly(line, column));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '§', textBlock = """
            {{ missing.name }}                   § 'missing' is undefined
            {{ missing() }}                      § 'missing' is undefined
            {{ 'a' + 1 }}                        § operator + does not take a string and an integer
            {{ 'a' + missing }}                  § 'missing' is undefined
            {{ 'a'.format(1) }}                  § 'format' of a string is undefined
            {{ 'a'.getClass() }}                 § 'getClass' of a string is undefined
            {{ [].append(1) }}                   § 'append' of a list is undefined
            {% set d = {} %}{% set d.x = 1 %}    § only a namespace can be changed, 'd' is a mapping
            {% for x in 3 %}{% endfor %}         § an integer cannot be iterated
            {% for a, b in [[1]] %}{% endfor %}  § 1 values for 2 names
            {{ 1 / 0 }}                          § division by zero
            {{ 9223372036854775807 + 1 }}        § 9223372036854775807 + 1 is out of the 64-bit range
            {{ 'a'|replace('', 'b') }}           § replace looks for an empty string
            {{ range }}                          § a function cannot be written as text
            {{ namespace()|tojson }}             § a namespace cannot be written as JSON
            {{ strftime_now('%Q') }}             § unknown date directive %Q
            {{ raise_exception('no') }}          § no
            {{ 'a'.strip(1) }}                   § argument 'chars' is an integer, expected a string
            {{ 'a'|upper(1) }}                   § 1 arguments given, at most 0 taken
            {{ 'a'[::0] }}                       § slice step is 0
            {{ [1]|map('nope')|list }}           § unknown filter 'nope'
            {% macro m() %}{% endmacro %}{{ m(1) }} § 1 arguments given, at most 0 taken
            """)
    void wrongUseIsAnError(String template, String problem) {
        ChatTemplate parsed = ChatTemplate.parse(template, Map.of());
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> parsed.render(List.of(), false, Map.of()))
                .withMessageStartingWith("chat template:1:")
                .withMessageEndingWith(": " + problem);
    }

    @Test
    void placesCountLines() {
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> ChatTemplate.parse("t", "a\r\nb\n  {{ x|nope }}", Map.of()))
                .withMessage("t:3:8: unknown filter 'nope'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // more steps than allowed
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% for a in range(99999) %}{% if range(99999)|list == range(99999)|list %}{% endif %}{% endfor %}",
                // more values or text than allowed
                "{{ range(1000000000) }}",
                "{% for a in range(99999) %}{{ 'x' * 99999 }}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for a in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for a in range(99) %}{% set ns.s = ns.s|replace('x', 'xxxx') %}{% endfor %}",
                "{% set ns = namespace(l=[1]) %}{% for a in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
                "{% set ns = namespace(l=[1]) %}{% for a in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
                "{% set ns = namespace(l=[1]) %}{% for a in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|tojson }}",
                "{% set a = namespace(l=[1]) %}{% set b = namespace(l=[1]) %}{% for i in range(40) %}"
                        + "{% set a.l = [a.l, a.l] %}{% set b.l = [b.l, b.l] %}{% endfor %}{{ a.l == b.l }}",
                "{{ 'x' * 9223372036854775807 }}",
                "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
                // deeper than allowed
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            })
    void boundsEndEveryTemplate(String template) {
        ChatTemplate parsed = ChatTemplate.parse(template, Map.of());
        Assertions.assertThatCode(() -> org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> parsed.render(List.of(), false, Map.of())))
                .isInstanceOf(ChatTemplateException.class)
                .message()
                .containsAnyOf("more than", "nested");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "-", "not ", "{1: ", "x[", "f("})
    void deepNestingOfExpressionsIsAnErrorNotAnOverflow(String open) {
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> ChatTemplate.parse("{{ " + open.repeat(50_000) + "1", Map.of()));
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> ChatTemplate.parse("{% if 1 %}".repeat(50_000), Map.of()))
                .withMessageContaining("nested more than");
    }

    @Test
    void aLongChainOfOperatorsIsAnErrorNotAnOverflow() {
        ChatTemplate chain = ChatTemplate.parse("{{ 1" + "+1".repeat(100_000) + " }}", Map.of());
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> chain.render(List.of(), false, Map.of()))
                .withMessageContaining("nested more than");
    }

    @Test
    void hugeTemplatesAndStrangeVariablesAreRefused() {
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> ChatTemplate.parse("x".repeat((1 << 20) + 1), Map.of()))
                .withMessageContaining("1048577 characters");
        ChatTemplate template = ChatTemplate.parse("{{ x }}", Map.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> template.render(List.of(), false, Map.of("x", new Object())));
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> template.render(List.of(), false, Map.of("x", cycle)))
                .withMessageContaining("nested");
    }

    /** Whatever the text, parsing ends with a template or with an error that has a place. */
    @Property(tries = 3000)
    void anyTextParsesOrIsRefused(
            @ForAll
                    @StringLength(max = 40)
                    @Chars({
                        '{', '}', '%', '#', '-', '+', ' ', '\n', '\'', '"', '\\', '(', ')', '[', ']', ':', ',', '.',
                        '|', '=', 'i', 's', 'f', 'n', 'o', 't', 'x', '1', '0', '~'
                    })
                    String text) {
        for (String template : List.of(text, "{{ " + text + " }}", "{% if " + text + " %}x{% endif %}")) {
            try {
                ChatTemplate.parse(template, Map.of()).render(List.of(), true, Map.of());
            } catch (ChatTemplateException e) {
                assertThat(e.line()).isPositive();
                assertThat(e.column()).isPositive();
            }
        }
    }

    /** Any filter, test, method or function on any arguments gives a value or an error with a place. */
    @Property(tries = 6000)
    void anyCallSucceedsOrIsRefused(@ForAll("calls") String call) {
        try {
            ChatTemplate.parse("{{ " + call + " }}", Map.of()).render(List.of(), true, Map.of());
        } catch (ChatTemplateException e) {
            assertThat(e.template()).isEqualTo("chat template");
        }
    }

    @Provide
    Arbitrary<String> calls() {
        Arbitrary<String> value = Arbitraries.of(
                "none",
                "true",
                "0",
                "-1",
                "3",
                "2.5",
                "9223372036854775807",
                "''",
                "'ab'",
                "' a\\nb '",
                "[]",
                "[1, 'x']",
                "[[1], {}]",
                "(1, 'a')",
                "{}",
                "{'k': [1]}",
                "missing",
                "namespace(a=1)",
                "range",
                "'upper'",
                "'odd'",
                "'k.0'");
        Arbitrary<String> arguments = value.list().ofMaxSize(4).map(list -> String.join(", ", list));
        Arbitrary<String> filters = Combinators.combine(value, Arbitraries.of(Filters.NAMES), arguments)
                .as((v, name, a) -> v + "|" + name + "(" + a + ")");
        Arbitrary<String> tests = Combinators.combine(value, Arbitraries.of(ValueTests.NAMES), arguments)
                .as((v, name, a) -> v + " is " + name + "(" + a + ")");
        Arbitrary<String> methods = Combinators.combine(value, Arbitraries.of(Methods.NAMES), arguments)
                .as((v, name, a) -> "(" + v + ")." + name + "(" + a + ")");
        Arbitrary<String> functions = Combinators.combine(
                        Arbitraries.of("range", "namespace", "dict", "strftime_now", "raise_exception"), arguments)
                .as((name, a) -> name + "(" + a + ")");
        Arbitrary<String> operators = Combinators.combine(
                        value, Arbitraries.of("+", "-", "*", "/", "//", "%", "**", "~", "<", "==", "in", "and"), value)
                .as((a, operator, b) -> a + " " + operator + " " + b);
        Arbitrary<String> slices = Combinators.combine(value, value, value, value)
                .as((v, a, b, c) -> v + "[" + a + ":" + b + ":" + c + "]");
        return Arbitraries.oneOf(filters, tests, methods, functions, operators, slices);
    }

    /** Text without tags is itself, but for line ends. */
    @Property(tries = 500)
    void plainTextIsUnchanged(@ForAll @StringLength(max = 60) String text) {
        String plain = text.replace('{', '(').replace('\r', ' ');
        assertThat(ChatTemplate.parse(plain + "\n", Map.of()).render(List.of(), true, Map.of()))
                .isEqualTo(plain);
    }
}
