/** Which items a target has to beat. */
import { Random } from '../../core/experiment/random.ts';
import type { EvaluationCase } from './recommender.ts';

export interface Protocol {
  /** Leave the items of the history out of the full catalogue. Logged candidate sets stay as they were served. */
  excludeHistory: boolean;
  /**
   * Rank among this many random negatives instead of all candidates. Only to compare with papers that did: such metrics
   * change the order of models (Krichene and Rendle 2020, "On sampled metrics for item recommendation", KDD). Null: all.
   */
  sampled: number | null;
}

export const FULL_RANKING: Protocol = { excludeHistory: true, sampled: null };

/** Stands before every metric's name that was measured among sampled negatives. */
export function metricPrefix({ sampled }: Protocol): string {
  return sampled === null ? '' : `sampled@${sampled}/`;
}

export interface LeftOut {
  /** The target is in the history, whose items may not be recommended. */
  target_in_history: number;
  /** The target was not among the candidates. */
  target_not_offered: number;
  /** Nothing else to rank it against. */
  no_other_candidate: number;
}

export interface ContestedCase {
  case: EvaluationCase;
  /** What the target is ranked among, itself included; null: the catalogue without `history` if that is excluded. */
  candidates: Int32Array | null;
}

/** The cases that can be ranked under a protocol, the same for every ranker, and how many cannot. */
export function contest(
  cases: readonly EvaluationCase[],
  items: number,
  protocol: Protocol,
  seed: number,
): { contested: ContestedCase[]; leftOut: LeftOut } {
  const leftOut: LeftOut = { target_in_history: 0, target_not_offered: 0, no_other_candidate: 0 };
  const contested: ContestedCase[] = [];
  for (const one of cases) {
    const { history, target, candidates } = one;
    const exclude = protocol.excludeHistory && candidates === null;
    if (candidates && new Set(candidates).size !== candidates.length) {
      throw new RangeError(`case ${one.id}: a candidate stands twice`);
    }
    const barred = exclude ? new Set(history) : new Set<number>();
    if (barred.has(target)) leftOut.target_in_history++;
    else if (candidates && !candidates.includes(target)) leftOut.target_not_offered++;
    else if ((candidates ? candidates.length : items - barred.size) < 2) leftOut.no_other_candidate++;
    else contested.push({ case: one, candidates: sample(one, barred, items, protocol, seed) });
  }
  return { contested, leftOut };
}

function sample(
  { id, target, candidates }: EvaluationCase,
  barred: ReadonlySet<number>,
  items: number,
  { sampled }: Protocol,
  seed: number,
): Int32Array | null {
  if (sampled === null) return candidates;
  const random = Random.of(seed, `negatives ${id}`);
  const open = candidates ? candidates.length - 1 : items - barred.size - 1;
  if (open <= 2 * sampled) {
    const all = candidates ?? Int32Array.from({ length: items }, (_, item) => item);
    const others = random.shuffle(all.filter((item) => item !== target && !barred.has(item)));
    return Int32Array.from([target, ...others.slice(0, sampled)]);
  }
  const drawn = new Set([target]);
  while (drawn.size <= sampled) {
    const item = candidates ? candidates[random.int(candidates.length)]! : random.int(items);
    if (!barred.has(item)) drawn.add(item);
  }
  return Int32Array.from(drawn);
}
