/** Who is tested on: whole travellers, drawn by lot, with everything that was made from them. */
import { Random } from '../../core/experiment/random.ts';
import { type DecisionRow, originOf } from './decision-row.ts';

/** Seed 4. */
export const HELD_OUT_SHARE = 0.2;

/** The same for the same actors and seed, in whatever order they come; at least one, and never all. */
export function heldOutActors(actors: Iterable<string>, seed: number, share = HELD_OUT_SHARE): Set<string> {
  const all = [...new Set(actors)].sort();
  const count = Math.min(all.length - 1, Math.max(1, Math.round(share * all.length)));
  return new Set(Random.of(seed, 'held-out').shuffle(all).slice(0, Math.max(0, count)));
}

/** What may be learned from: no row of theirs, and no variation of one. */
export function withoutActors(rows: readonly DecisionRow[], heldOut: ReadonlySet<string>): DecisionRow[] {
  return rows.filter((row) => !heldOut.has(originOf(row)));
}

/** The fold of each actor, 0 to `folds` - 1, as many in each as can be. */
export function foldsOf(actors: Iterable<string>, folds: number, seed: number): Map<string, number> {
  const all = Random.of(seed, 'folds').shuffle([...new Set(actors)].sort());
  return new Map(all.map((actor, i) => [actor, i % folds]));
}
