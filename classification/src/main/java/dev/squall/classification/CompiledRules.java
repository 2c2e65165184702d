package dev.squall.classification;

import dev.squall.classification.Rules.Function;
import dev.squall.model.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Rules in the numbers of a tokenizer: the {@link Template}, the label words of every mask, and for every class which of them it
 * wants.
 *
 * <p>As sums over masks compare classes, no class can lie hidden behind others unless its words are theirs: equal tuples are
 * what makes classes ambiguous, and the later one unreachable.
 */
public final class CompiledRules implements Questions {
    /** How the parts of a prompt are cut into tokens. */
    public enum Spacing {
        /** Every stretch of literal words by itself, its first word as at the beginning of a text: the published program's. */
        RELEASED,
        /** As running text: every word has its space in front, but for one that begins with an apostrophe. */
        CLEAN
    }

    /**
     * What an encoder reads.
     *
     * @param ids all tokens, with those that begin and end a sentence; −1 − i is the i-th {@code <new>} of the rules
     * @param masks where the masks are, in the order of the functions: within a text it may not be that of the text
     */
    public record Prompt(int[] ids, int[] masks) {
        /** Where the masks are, ascending. */
        int[] ascending() {
            return IntStream.of(masks).sorted().toArray();
        }

        /** Which of the ascending ones each mask is. */
        int[] ranks() {
            int[] ascending = ascending();
            return IntStream.of(masks)
                    .map(mask -> Arrays.binarySearch(ascending, mask))
                    .toArray();
        }
    }

    private final Rules rules;
    private final Tokenizer tokenizer;
    private final Spacing spacing;
    private final Template template;
    private final int[][] words; // [masks][label words of the mask], tokens, ascending
    private final int[][] choices; // [classes][masks], which label word

    private CompiledRules(Rules rules, Tokenizer tokenizer, Spacing spacing) {
        this.rules = rules;
        this.tokenizer = tokenizer;
        this.spacing = spacing;
        template = new Template(rules, tokenizer, spacing);
        List<String> labels = rules.labels();
        int[][] tokens = new int[labels.size()][]; // [classes][masks]
        for (int y = 0; y < tokens.length; y++) {
            tokens[y] = tuple(labels.get(y));
        }
        refuseAmbiguous(labels, tokens);
        words = new int[rules.masks()][];
        choices = new int[tokens.length][rules.masks()];
        for (int j = 0; j < words.length; j++) {
            TreeSet<Integer> distinct = new TreeSet<>();
            for (int[] tuple : tokens) {
                distinct.add(tuple[j]);
            }
            words[j] = distinct.stream().mapToInt(Integer::intValue).toArray();
            for (int y = 0; y < tokens.length; y++) {
                choices[y][j] = Arrays.binarySearch(words[j], tokens[y][j]);
            }
        }
    }

    /**
     * Compiles rules.
     *
     * @throws IllegalArgumentException if the tokenizer has no mask, a label word is more than one token where it stands, or two
     *     classes have the same words
     */
    public static CompiledRules compile(Rules rules, Tokenizer tokenizer, Spacing spacing) {
        return new CompiledRules(rules, tokenizer, spacing);
    }

    private void refuseAmbiguous(List<String> labels, int[][] tokens) {
        Map<List<Integer>, String> seen = new HashMap<>();
        for (int y = 0; y < tokens.length; y++) {
            String other = seen.putIfAbsent(IntStream.of(tokens[y]).boxed().toList(), labels.get(y));
            if (other != null) {
                throw new IllegalArgumentException("rules " + rules.name() + ", class " + labels.get(y)
                        + ": found the words of class " + other + ", expected others: it could never be told from it");
            }
        }
    }

    /** The tokens that a class wants at all masks, [masks]. */
    private int[] tuple(String label) {
        int[] tuple = new int[rules.masks()];
        int mask = template.mask();
        int next = 0;
        for (Function function : rules.functions()) {
            List<String> literal = rules.classes().get(label).get(function.name());
            int used = 0;
            for (String part : Template.parts(function.prompt())) {
                if (!part.contains(Rules.MASK)) {
                    continue;
                }
                int[] blank = template.literal(part, true);
                int masks = (int) IntStream.of(blank).filter(id -> id == mask).count();
                List<String> some = literal.subList(used, used + masks);
                used += masks;
                int[] filled = template.literal(fill(part, some), false);
                for (int i = 0; i < blank.length; i++) {
                    boolean fits = filled.length == blank.length && (blank[i] == mask || blank[i] == filled[i]);
                    if (!fits) {
                        throw tooLong(label, function, some);
                    }
                    if (blank[i] == mask) {
                        tuple[next++] = filled[i];
                    }
                }
            }
        }
        return tuple;
    }

    private IllegalArgumentException tooLong(String label, Function function, List<String> words) {
        String found = String.join(" ", words);
        for (String word : words) {
            int tokens = tokenizer.encode(" " + word, false).length;
            if (tokens != 1) {
                found = "'" + word + "', which is " + tokens + " tokens";
            }
        }
        return new IllegalArgumentException(
                "rules " + rules.name() + ", class " + label + ", function " + function.name() + ": found " + found
                        + ", expected words that are one token each where they stand (spacing " + spacing + ")");
    }

    private String fill(String part, List<String> words) {
        String filled = part;
        for (String word : words) {
            boolean joined = spacing == Spacing.CLEAN && word.startsWith("'");
            int at = filled.indexOf(Rules.MASK);
            int from = joined && at > 0 && filled.charAt(at - 1) == ' ' ? at - 1 : at;
            filled = filled.substring(0, from) + word + filled.substring(at + Rules.MASK.length());
        }
        return filled;
    }

    /**
     * The prompt for an input: the text, and what the functions ask at the place that the rules say. Of a text that is too long the
     * beginning is left out, then, if the rules ask within it, the end; what the functions ask, with the two things and all masks,
     * never is.
     *
     * @param most tokens that the encoder reads
     * @throws IllegalArgumentException if the rules ask for two things that the input does not name, or not even the question
     *     fits
     */
    @Override
    public Prompt prompt(Relation input, int most) {
        return template.prompt(input, most);
    }

    public Rules rules() {
        return rules;
    }

    @Override
    public List<String> labels() {
        return rules.labels();
    }

    @Override
    public String negative() {
        return rules.negative();
    }

    @Override
    public int promptTokens() {
        return rules.promptTokens();
    }

    /** The label words of every mask, [masks][label words], tokens in ascending order. */
    @Override
    public int[][] words() {
        return Arrays.stream(words).map(int[]::clone).toArray(int[][]::new);
    }

    /** Which label word of every mask a class wants, [classes][masks]. */
    @Override
    public int[][] choices() {
        return Arrays.stream(choices).map(int[]::clone).toArray(int[][]::new);
    }

    /** What a label word looks like, without the space in front. */
    public String word(int mask, int choice) {
        return tokenizer.decode(words[mask][choice]).strip();
    }
}
