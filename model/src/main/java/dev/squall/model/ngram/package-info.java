/** A language model without weights: counts of bytes, the baseline that trained models are held against. */
package dev.squall.model.ngram;
