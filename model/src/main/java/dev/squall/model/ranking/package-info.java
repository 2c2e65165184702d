/**
 * Which tokens of a vocabulary are frequent: {@link dev.squall.model.ranking.TokenCounts} counts, {@link
 * dev.squall.model.ranking.TokenRanking} ranks and selects, {@link dev.squall.model.ranking.FrequencyList} is the published form.
 */
package dev.squall.model.ranking;
