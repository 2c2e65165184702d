package dev.squall.attention;

/** A sequence could not be opened or made longer because the cache has no pages left for it. */
public final class KvCacheFullException extends RuntimeException {
    public KvCacheFullException(String message) {
        super(message);
    }
}
