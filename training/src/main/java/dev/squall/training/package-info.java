/**
 * Training: from a specification of a model and text to weights.
 *
 * <p>In reading order: {@link dev.squall.training.Tensor}, {@link dev.squall.training.Tape} with its operations,
 * {@link dev.squall.training.Network}, {@link dev.squall.training.AdamW}, {@link dev.squall.training.Schedule}.
 */
package dev.squall.training;
