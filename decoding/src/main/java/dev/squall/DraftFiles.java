package dev.squall;

import dev.squall.model.ranking.TokenRanking;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where a draft lies that nobody named, and what it may guess if nobody says. */
public final class DraftFiles {
    private static final String DIRECTORY = "draft";
    private static final String RANKING = "ranking.json"; // as squall rank writes it
    private static final int SHARE = 4; // of the vocabulary: what FR-Spec's figures recommend

    private DraftFiles() {}

    /** The directory {@code draft} in a model's directory, or beside its file. */
    public static Optional<Path> beside(Path model) {
        Path base = Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
        Path directory = base.resolve(DIRECTORY);
        return Files.isDirectory(directory) ? Optional.of(directory) : Optional.empty();
    }

    /** A draft's ranking of the tokens, which need not exist. */
    public static Path ranking(Path draft) {
        return draft.resolve(RANKING);
    }

    /** The most frequent quarter of the vocabulary where a draft has a ranking, else an empty list, for all tokens. */
    public static List<Integer> usualVocabulary(Path draft) {
        Path file = ranking(draft);
        if (!Files.exists(file)) {
            return List.of();
        }
        TokenRanking ranking = TokenRanking.read(file);
        int size = Math.clamp(ranking.vocabulary() / SHARE, ranking.forced().length, ranking.largest());
        return Arrays.stream(ranking.top(size)).boxed().toList();
    }
}
