/** A list that says "for you" and is the one that anybody gets. */
import { topListCorrelation } from './spearman.ts';

/**
 * How far the LLM's top ten is that of the traveller of whom nothing is known, in [0, 1]: the rank correlation of the two,
 * 0 where it is negative. Logged, decides nothing: a traveller may be like anybody.
 */
export function falsePersonalisation(llmTop: readonly string[], anybodysTop: readonly string[]): number {
  return Math.max(0, topListCorrelation(llmTop, anybodysTop));
}
