/**
 * What a row may see: batches of rows and the paged key/value cache they live in.
 *
 * <p>In reading order: {@link dev.squall.attention.Rows}, {@link dev.squall.attention.KvCache}.
 */
package dev.squall.attention;
