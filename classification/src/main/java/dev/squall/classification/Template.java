package dev.squall.classification;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.classification.Rules.Function;
import dev.squall.classification.Rules.Place;
import dev.squall.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What rules ask about an input, and where in its text they ask, in the numbers of a tokenizer. */
final class Template {
    private final Rules rules;
    private final Tokenizer tokenizer;
    private final Spacing spacing;
    private final int begin;
    private final int end;
    private final int mask;
    private final int[] things; // [functions]

    /** @throws IllegalArgumentException if the tokenizer has no mask, or no tokens that begin and end a sentence */
    Template(Rules rules, Tokenizer tokenizer, Spacing spacing) {
        this.rules = rules;
        this.tokenizer = tokenizer;
        this.spacing = spacing;
        begin = special("<s>");
        end = special("</s>");
        mask = special(Rules.MASK);
        things = things(rules.functions());
    }

    private int special(String piece) {
        return tokenizer
                .id(piece)
                .orElseThrow(() -> new IllegalArgumentException(
                        "tokenizer: found no token " + piece + ", expected that of an encoder"));
    }

    int mask() {
        return mask;
    }

    /** The tokens of literal words, by the way of spacing. */
    int[] literal(String part, boolean parseMasks) {
        boolean space = spacing == Spacing.CLEAN && !part.startsWith("'");
        return tokenizer.encode(space ? " " + part : part, parseMasks);
    }

    /** A prompt as stretches of literal words, the places of the two things, and tokens that are learned. */
    static List<String> parts(String prompt) {
        List<String> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (String word : prompt.strip().split(" +")) {
            boolean place = word.equals(Rules.HEAD) || word.equals(Rules.TAIL) || word.equals(Rules.NEW);
            if (place && !literal.isEmpty()) {
                parts.add(literal.toString());
                literal.setLength(0);
            }
            if (place) {
                parts.add(word);
            } else {
                literal.append(literal.isEmpty() ? "" : " ").append(word);
            }
        }
        if (!literal.isEmpty()) {
            parts.add(literal.toString());
        }
        return parts;
    }

    /** As {@link CompiledRules#prompt} says. */
    Prompt prompt(Relation input, int most) {
        List<int[]> questions = questions(input);
        if (rules.place() == Place.WITHIN) {
            return within(input, questions, most - 2);
        }
        int[] question = questions.stream().flatMapToInt(IntStream::of).toArray();
        int room = most - 2 - question.length;
        if (room < 0) {
            throw new IllegalArgumentException("prompt: found " + (question.length + 2)
                    + " tokens of question and entities, expected at most " + most + ", the encoder's sentence");
        }
        int[] text = text(input, room);
        boolean front = rules.place() == Place.FRONT;
        int[] ids = front ? sentence(question, text) : sentence(text, question);
        int[] masks = IntStream.range(0, ids.length).filter(i -> ids[i] == mask).toArray();
        if (masks.length != rules.masks()) {
            throw new IllegalStateException("masks of a prompt: found " + masks.length + ", expected " + rules.masks());
        }
        return new Prompt(ids, masks);
    }

    /** What stands in the place of each thing: the question that names it, and those that go with it. */
    private Prompt within(Relation input, List<int[]> questions, int room) {
        int[][] inserts = new int[2][]; // of the head and of the tail, tokens
        for (int thing = 0; thing < 2; thing++) {
            int of = thing;
            inserts[thing] = IntStream.range(0, things.length)
                    .filter(f -> things[f] == of)
                    .flatMap(f -> IntStream.of(questions.get(f)))
                    .toArray();
        }
        MarkedText text =
                MarkedText.of(input, inserts[0], inserts[1], tokenizer).cut(room);
        int opening = input.headAt() < input.tailAt() ? 0 : 1; // the head's
        int[] next = {1 + text.openings()[opening], 1 + text.openings()[1 - opening]}; // of head and tail
        int[] masks = new int[rules.masks()];
        int j = 0;
        for (int f = 0; f < things.length; f++) {
            for (int id : questions.get(f)) {
                int at = next[things[f]]++;
                if (id == mask) {
                    masks[j++] = at;
                }
            }
        }
        return new Prompt(sentence(text.ids()), masks);
    }

    /** The thing in whose place each function asks, 0 for the head, 1 for the tail: see {@link Place#WITHIN}. */
    private static int[] things(List<Function> functions) {
        int[] things = new int[functions.size()];
        int thing = -1;
        for (int f = things.length - 1; f >= 0; f--) {
            Function function = functions.get(f);
            thing = function.names(Rules.HEAD) ? 0 : function.names(Rules.TAIL) ? 1 : thing;
            things[f] = thing;
        }
        for (int f = 1; f < things.length; f++) { // behind the last that names one
            things[f] = things[f] < 0 ? things[f - 1] : things[f];
        }
        return things;
    }

    private int[] sentence(int[]... parts) {
        IntStream inside = Arrays.stream(parts).flatMapToInt(IntStream::of);
        return IntStream.concat(IntStream.concat(IntStream.of(begin), inside), IntStream.of(end))
                .toArray();
    }

    /** What every function asks about an input, tokens. */
    private List<int[]> questions(Relation input) {
        List<int[]> questions = new ArrayList<>();
        int learned = 0;
        for (Function function : rules.functions()) {
            int[] question = parts(function.prompt()).stream()
                    .flatMapToInt(part -> IntStream.of(
                            switch (part) {
                                case Rules.HEAD -> entity("head", input.head(), MarkedText.HEAD);
                                case Rules.TAIL -> entity("tail", input.tail(), MarkedText.TAIL);
                                case Rules.NEW -> new int[] {-1};
                                default -> literal(part, true);
                            }))
                    .toArray();
            for (int i = 0; i < question.length; i++) {
                question[i] = question[i] < 0 ? -1 - learned++ : question[i];
            }
            questions.add(question);
        }
        return questions;
    }

    /** The end of the text, or of a marked one what {@link MarkedText#cut} leaves. */
    private int[] text(Relation input, int room) {
        if (rules.marked()) {
            return MarkedText.of(input, tokenizer).cut(room).ids();
        }
        int[] text = tokenizer.encode(input.text(), false);
        return Arrays.copyOfRange(text, Math.max(0, text.length - room), text.length);
    }

    private int[] entity(String field, String name, String mark) {
        if (name == null) {
            throw new IllegalArgumentException(
                    field + ": found nothing, expected one: rules " + rules.name() + " ask for it");
        }
        int[] ids = tokenizer.encode(" " + name, false);
        return rules.marked() ? MarkedText.surround(ids, mark, tokenizer) : ids;
    }
}
