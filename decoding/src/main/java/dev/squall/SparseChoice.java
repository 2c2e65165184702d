package dev.squall;

import dev.squall.attention.SparseConfig;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Whether a model's attention is sparse, and how: what its files say, and what is asked for. */
final class SparseChoice {
    private static final System.Logger LOG = System.getLogger(Squall.class.getName());

    private SparseChoice() {}

    /**
     * Numbers of sparse attention, null for dense attention.
     *
     * @param trained what the model's files say
     */
    static SparseConfig of(Optional<SparseConfig> trained, LoadOptions options) {
        return switch (options.attention()) {
            case DENSE -> null;
            case AUTO -> options.sparse().or(() -> trained).orElse(null);
            case SPARSE -> {
                if (trained.isEmpty()) {
                    LOG.log(
                            Level.WARNING,
                            "sparse attention: the model's files do not say that it was trained for it, so its texts"
                                    + " are approximations once a row sees more than it attends to");
                }
                yield options.sparse().or(() -> trained).orElseGet(SparseConfig::defaults);
            }
        };
    }
}
