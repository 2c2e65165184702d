/**
 * What training adds to the kernels: forward passes that keep what their gradients need, gradients, the optimiser.
 *
 * <p>Work is split by what is written, never within a sum, so the numbers do not depend on the count of threads. Gradients
 * are added to what is there: a value that is used twice sums both uses.
 */
package dev.squall.kernels.gradient;
