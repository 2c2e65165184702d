/**
 * Classification by prompts that are composed with logic rules (Han, Zhao, Ding, Liu and Sun, PTR: Prompt Tuning with Rules for
 * Text Classification, 2022), with its data, its measures and a linear baseline.
 *
 * <p>In reading order: {@link dev.squall.classification.Rules} are what a person writes,
 * {@link dev.squall.classification.CompiledRules} what a tokenizer makes of them,
 * {@link dev.squall.classification.PtrClassifier} asks the encoder, {@link dev.squall.classification.Prediction} says why.
 */
package dev.squall.classification;
