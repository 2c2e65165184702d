package dev.squall;

/**
 * Where the time of a generation went, in seconds.
 *
 * @param prompt from the start to the first token
 * @param generation from the first token to the last
 */
public record Timings(double prompt, double generation) {}
