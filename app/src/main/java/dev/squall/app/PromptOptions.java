package dev.squall.app;

import dev.squall.bundled.encoder.BundledEncoder;
import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.model.spec.EncoderSpec.Head;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which encoder, and how its prompts are written and read: what training and asking must agree in. */
class PromptOptions extends ModelOptions {
    @Option(
            names = "--spacing",
            description = "RELEASED or CLEAN; default: that of training, and RELEASED where there was none.")
    private Spacing spacing;

    @Option(
            names = "--head-mode",
            description = "What scores words: WORDS or MASKED_LANGUAGE_MODEL; default: the head that the model has.")
    private Head head;

    @Override
    Path bundled() {
        return BundledEncoder.directory();
    }

    /** The spacing that was named, null for none. */
    final Spacing spacing() {
        return spacing;
    }

    /** The head that was named, null for the one that the model has. */
    final Head head() {
        return head;
    }
}
