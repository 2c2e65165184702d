package dev.squall;

import dev.squall.attention.SparseConfig;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Whether a model's attention is sparse, and how: what its files say, what is asked for, and what can compute it. */
final class SparseChoice {
    private static final System.Logger LOG = System.getLogger(Squall.class.getName());

    private SparseChoice() {}

    /**
     * Numbers of sparse attention, null for dense attention.
     *
     * @param trained what the model's files say
     * @param plain whether a device computes with the reference kernels, which have dense attention alone there: that is the
     *     same model, whose sparse attention stands for the dense one
     */
    static SparseConfig of(Optional<SparseConfig> trained, LoadOptions options, boolean plain) {
        return switch (options.attention()) {
            case DENSE -> null;
            case AUTO -> {
                if (plain && options.sparse().isEmpty() && trained.isPresent()) {
                    LOG.log(
                            Level.WARNING,
                            "sparse attention: the reference kernels do not have it on a device, so this model attends to"
                                    + " all keys here, which takes longer for long texts");
                    yield null;
                }
                yield options.sparse().or(() -> trained).orElse(null);
            }
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
