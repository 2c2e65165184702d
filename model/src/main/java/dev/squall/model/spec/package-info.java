/**
 * What a model is, in numbers, read from whatever file it came in.
 *
 * <p>In reading order: {@link dev.squall.model.spec.LayerSpec}, {@link dev.squall.model.spec.RopeSpec},
 * {@link dev.squall.model.spec.ModelSpec}, {@link dev.squall.model.spec.Families} and the readers of each format's
 * settings, {@link dev.squall.model.spec.TensorNames}.
 */
package dev.squall.model.spec;
