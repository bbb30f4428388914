/**
 * What decisions taught of an archetype's dimensions (seed 0, "Output 1"): where a new traveller of the archetype may start
 * from. Learned as the nightly job learns from rows of that source, and from what rankers saw alone: neither what an agent hides
 * nor how the trip itself moved the persona has a part in it.
 */
import { DIMENSION_NAMES, type DimensionName, type Dimensions } from '../../../core/persona/dimensions.ts';
import { type Evidence, learnDimensions } from '../../../core/persona/learn.ts';
import { trainingFactor } from '../../../core/signal/signal.ts';
import { verdictsOf } from '../../../core/signal/verdict.ts';
import type { ArmRow } from './arm-rows.ts';

export interface DimensionPrior {
  /** Mean and standard deviation over the travellers, after what they decided. */
  value: number;
  deviation: number;
  /** The mean before it. */
  departure: number;
}

export interface ArchetypePriors {
  travellers: number;
  dimensions: Record<DimensionName, DimensionPrior>;
}

/** What the venue offers to each dimension; null where no catalogue has it. */
export type Profiles = (venueId: string) => ArrayLike<number> | null;

interface Sums {
  n: number;
  departure: number[];
  mean: number[];
  /** Squares about the mean (Welford 1962). */
  squares: number[];
}

/** As large as the archetypes, whatever the number of travellers. */
export class PriorSums {
  readonly #profiles: Profiles;
  readonly #sums = new Map<string, Sums>();

  constructor(profiles: Profiles) {
    this.#profiles = profiles;
  }

  /** @param rows of one trip that are learned from; at least one */
  add(rows: readonly ArmRow[]): void {
    const { archetype } = rows[0]!.context;
    const before = rows[0]!.persona_snapshot;
    const after = taughtBy(rows, this.#profiles);
    const zeros = () => DIMENSION_NAMES.map(() => 0);
    const sums = this.#sums.get(archetype) ?? { n: 0, departure: zeros(), mean: zeros(), squares: zeros() };
    this.#sums.set(archetype, sums);
    sums.n++;
    for (const [i, name] of DIMENSION_NAMES.entries()) {
      const apart = after[name] - sums.mean[i]!;
      sums.mean[i]! += apart / sums.n;
      sums.squares[i]! += apart * (after[name] - sums.mean[i]!);
      sums.departure[i]! += (before[name] - sums.departure[i]!) / sums.n;
    }
  }

  /** By archetype, in their order. */
  priors(): Record<string, ArchetypePriors> {
    const archetypes = [...this.#sums].sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)));
    return Object.fromEntries(
      archetypes.map(([archetype, { n, departure, mean, squares }]) => {
        const dimensions = DIMENSION_NAMES.map((name, i) => {
          const deviation = n > 1 ? Math.sqrt(squares[i]! / (n - 1)) : 0;
          return [name, { value: rounded(mean[i]!), deviation: rounded(deviation), departure: rounded(departure[i]!) }];
        });
        return [
          archetype,
          { travellers: n, dimensions: Object.fromEntries(dimensions) as ArchetypePriors['dimensions'] },
        ];
      }),
    );
  }
}

/** The snapshot of the first row, moved by the verdicts of a day each night. */
export function taughtBy(rows: readonly ArmRow[], profiles: Profiles): Dimensions {
  const days = new Map<number, Evidence[]>();
  for (const { signal_type: type, venue_id: venueId, source, weight, context } of rows) {
    const evidence = days.get(context.day_of_trip) ?? [];
    days.set(context.day_of_trip, evidence);
    const factor = trainingFactor(source, context.warm, 0);
    for (const verdict of verdictsOf({ type, venueId, timeToActionMs: null, context: {} })) {
      const profile = profiles(venueId);
      if (!profile) throw new RangeError(`no catalogue has the venue ${venueId}`);
      evidence.push({ profile, accepted: verdict.accepted, weight: verdict.strength * weight * factor });
    }
  }
  let dimensions: Dimensions = rows[0]!.persona_snapshot;
  for (const evidence of days.values()) dimensions = learnDimensions(dimensions, evidence);
  return dimensions;
}

const rounded = (x: number) => Math.round(x * 1e4) / 1e4;
