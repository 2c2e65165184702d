/**
 * The forward pass.
 *
 * <p>In reading order: {@link dev.squall.model.transformer.Transformer}, then the weights, the buffers and the task
 * graphs it is made of.
 */
package dev.squall.model.transformer;
