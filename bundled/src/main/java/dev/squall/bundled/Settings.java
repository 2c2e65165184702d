package dev.squall.bundled;

import java.nio.file.Path;

/** Where a user's files may lie. */
final class Settings {
    private Settings() {}

    /** The user's cache directory: {@code XDG_CACHE_HOME}, else {@code ~/.cache}. */
    static Path cache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        return cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    }

    /** The directory of temporary files. */
    static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }
}
