package dev.squall;

import java.util.List;

/**
 * A finished generation.
 *
 * @param prompt the prompt as it was given
 * @param text the completion, without the stop string that ended it
 * @param tokens the tokens of the completion, without the end-of-sequence token that ended it
 * @param finishReason why it ended
 * @param promptTokens tokens of the prompt, the beginning-of-sequence token counted
 * @param timings where the time went
 * @param speculation what guessing tokens in advance came to
 */
public record Generation(
        String prompt,
        String text,
        List<Token> tokens,
        FinishReason finishReason,
        int promptTokens,
        Timings timings,
        SpeculationStatistics speculation) {
    public Generation {
        tokens = List.copyOf(tokens);
    }

    /** Tokens of the completion. */
    public int completionTokens() {
        return tokens.size();
    }

    /** Prompt tokens a second; 0 where there was no time to measure. */
    public double promptTokensPerSecond() {
        return timings.prompt() > 0 ? promptTokens / timings.prompt() : 0;
    }

    /** Tokens a second after the first one; 0 where there was none. */
    public double tokensPerSecond() {
        return timings.generation() > 0 && tokens.size() > 1 ? (tokens.size() - 1) / timings.generation() : 0;
    }
}
