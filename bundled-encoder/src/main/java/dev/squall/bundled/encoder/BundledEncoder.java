package dev.squall.bundled.encoder;

import dev.squall.bundled.ResourceFiles;
import java.nio.file.Path;

/** The masked language model that comes with Squall, to be asked and trained by prompts with rules. */
public final class BundledEncoder {
    private static final ResourceFiles FILES = new ResourceFiles(BundledEncoder.class);

    private BundledEncoder() {}

    /** A directory of the RoBERTa family: config.json, model.safetensors, tokenizer.json, tokenizer_config.json. */
    public static Path directory() {
        return FILES.copies();
    }
}
