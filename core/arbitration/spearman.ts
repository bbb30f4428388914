/** How alike two top lists are. */
import { rankCorrelation } from '../group/conflict.ts';

/** So many of each list are compared. */
const COMPARED = 10;

/**
 * Spearman's rank correlation of two top tens, in [-1, 1] (Spearman 1904, American Journal of Psychology 15): Pearson's
 * over the ranks of all venues that either list holds. What a list does not hold stands behind what it does, all in one
 * place (Fagin, Kumar and Sivakumar 2003, "Comparing top k lists", SIAM J. Discrete Math. 17): their rank is the mean of
 * the ranks that are left. 1 for equal lists, -0.86 for tens that share nothing.
 */
export function topListCorrelation(a: readonly string[], b: readonly string[]): number {
  const [first, second] = [a.slice(0, COMPARED), b.slice(0, COMPARED)];
  const union = [...new Set([...first, ...second])];
  return rankCorrelation(placesIn(first, union), placesIn(second, union));
}

function placesIn(list: readonly string[], venues: readonly string[]): Float64Array {
  const places = new Map(list.map((venue, i) => [venue, i]));
  return Float64Array.from(venues, (venue) => places.get(venue) ?? list.length);
}
