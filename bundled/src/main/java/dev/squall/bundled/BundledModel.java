package dev.squall.bundled;

import java.nio.file.Path;

/** The language model that comes with Squall, and what guesses its tokens in advance. */
public final class BundledModel {
    private static final ResourceFiles FILES = new ResourceFiles(BundledModel.class);

    private BundledModel() {}

    /** The language model, a GGUF file. */
    public static Path target() {
        return FILES.copies().resolve("target.gguf");
    }

    /** Its EAGLE draft: a directory with config.json, model.safetensors and ranking.json, its tokens by frequency. */
    public static Path draft() {
        return FILES.copies().resolve("draft");
    }
}
