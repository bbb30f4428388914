/** A strategy's answer: probabilities for travellers whom it has not learned from, as production would give them over time. */
import type { UserSums } from '../../core/experiment/bootstrap.ts';
import { logOdds } from '../../training/low-data/cross-user.ts';
import type { DecisionTable } from '../../training/low-data/decision-features.ts';
import type { DecisionRow } from '../../training/low-data/decision-row.ts';
import { OWN_MODEL_FROM, ownLogOdds, perUserModel } from '../../training/low-data/per-user.ts';
import { type Foretold, sumsOf } from '../../training/low-data/scores.ts';
import type { BoostedTrees } from '../../training/trees/boost.ts';

/** A traveller's own model is fitted anew after so many more decisions. */
const REFIT = 10;

/** In the order of the table's rows. @param personal from 20 decisions on, each traveller's own model, of what they decided before */
export function foretell(model: BoostedTrees, table: DecisionTable<DecisionRow>, personal: boolean): Float64Array {
  const base = logOdds(model, table.features);
  if (!personal) return base.map(sigmoid);
  const own = table.rows.map(({ venue, accepted }, i) => ({ venue, accepted, logOdds: base[i]! }));
  let coefficients: Float64Array | null = null;
  return base.map((odds, i) => {
    const before = table.before[i]!;
    if (before === 0) coefficients = null;
    if (before >= OWN_MODEL_FROM && (before - OWN_MODEL_FROM) % REFIT === 0) {
      coefficients = perUserModel(own.slice(i - before, i));
    }
    return sigmoid(ownLogOdds(odds, coefficients, own[i]!.venue));
  });
}

/** `cold`: before the 20th decision of a traveller; `warm`: after it. */
export const SEGMENTS = ['all', 'cold', 'warm'] as const;
export type Segment = (typeof SEGMENTS)[number];
export type SegmentSums = Record<Segment, UserSums>;

/** @param from added to the number of a traveller, so that those of other runs are others */
export function scored(
  probabilities: ArrayLike<number>,
  { rows, before }: DecisionTable<DecisionRow>,
  from: number,
): SegmentSums {
  const numbers = new Map<string, number>();
  const cases = rows.map(({ actor, accepted }, i): Foretold & { before: number } => {
    if (!numbers.has(actor)) numbers.set(actor, from + numbers.size);
    return { traveller: numbers.get(actor)!, accepted, probability: probabilities[i]!, before: before[i]! };
  });
  return {
    all: sumsOf(cases),
    cold: sumsOf(cases.filter((one) => one.before < OWN_MODEL_FROM)),
    warm: sumsOf(cases.filter((one) => one.before >= OWN_MODEL_FROM)),
  };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
