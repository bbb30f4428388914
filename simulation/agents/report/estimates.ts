/** Values and intervals of an arm by group of travellers, from what stands in its `travellers.jsonl`. */
import { type Interval, quantile, resampledMeans, type UserSums } from '../../../core/experiment/bootstrap.ts';
import { Random } from '../../../core/experiment/random.ts';
import { TRIP_METRICS } from '../metrics/index.ts';
import { DIVERGENT_PAIRS, PERSONA_DIVERGENCE, travellerDivergence } from '../metrics/persona-divergence.ts';
import type { TravellerRow } from '../traveller-row.ts';

export const LEVEL = 0.95;

export interface Estimate {
  /** Null where no traveller of the group says anything of it. */
  value: number | null;
  /** Percentiles of resamples of the travellers; null with fewer than two. */
  interval: Interval | null;
  /** Travellers, or trips of a pair, that count. */
  n: number;
}

/** An estimate with its resamples: of two arms they are of the same travellers, so that differences are paired. */
interface Drawn extends Estimate {
  draws: Float64Array;
}

/** `all`, `warm`, `cold`, and each archetype. */
export function groupsOf(rows: readonly TravellerRow[]): string[] {
  const archetypes = [...new Set(rows.map(({ archetype }) => archetype))];
  return ['all', 'warm', 'cold', ...archetypes.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))];
}

export function inGroup({ archetype, warm }: Pick<TravellerRow, 'archetype' | 'warm'>, group: string): boolean {
  if (group === 'all') return true;
  return group === 'warm' ? warm : group === 'cold' ? !warm : archetype === group;
}

export class ArmEstimates {
  readonly #rows: readonly TravellerRow[];
  readonly #seed: number;
  readonly #resamples: number;
  readonly #groups = new Map<string, ReadonlyMap<string, Drawn>>();

  /** @param rows in the order of travellers, the same ones in each arm */
  constructor(rows: readonly TravellerRow[], seed: number, resamples: number) {
    this.#rows = rows;
    this.#seed = seed;
    this.#resamples = resamples;
  }

  of(metric: string, group: string): Estimate {
    const { value, interval, n } = this.#drawn(metric, group);
    return { value, interval, n };
  }

  /** This arm less the other. */
  less(other: ArmEstimates, metric: string, group: string): Omit<Estimate, 'n'> {
    const [a, b] = [this.#drawn(metric, group), other.#drawn(metric, group)];
    if (a.value === null || b.value === null) return { value: null, interval: null };
    const differences = a.draws.map((value, i) => value - b.draws[i]!);
    return { value: a.value - b.value, interval: intervalOf(differences) };
  }

  #drawn(metric: string, group: string): Drawn {
    let drawn = this.#groups.get(group);
    if (!drawn) {
      const names = TRIP_METRICS.map(({ name }) => name);
      const rows = this.#rows.filter((row) => inGroup(row, group));
      const random = () => Random.of(this.#seed, `bootstrap/${group}`);
      drawn = new Map([
        ...this.#estimates(names, sumsOf(rows, names), random()),
        ...this.#estimates([PERSONA_DIVERGENCE.name], divergenceSums(this.#rows, group), random()),
      ]);
      this.#groups.set(group, drawn);
    }
    const found = drawn.get(metric);
    if (!found) throw new RangeError(`there is no metric "${metric}"`);
    return found;
  }

  #estimates(names: readonly string[], data: UserSums, random: Random): [string, Drawn][] {
    const drawn = resampledMeans(data, data.users > 0 ? this.#resamples : 0, random);
    return names.map((name, m) => {
      let [sum, count, n] = [0, 0, 0];
      for (let u = 0; u < data.users; u++) {
        const counted = data.counts[u * data.metrics + m]!;
        sum += data.sums[u * data.metrics + m]!;
        count += counted;
        if (counted > 0) n++;
      }
      const draws = drawn[m]!;
      return [name, { value: count > 0 ? sum / count : null, interval: n > 1 ? intervalOf(draws) : null, n, draws }];
    });
  }
}

function sumsOf(rows: readonly TravellerRow[], names: readonly string[]): UserSums {
  const sums = new Float64Array(rows.length * names.length);
  const counts = new Float64Array(rows.length * names.length);
  for (const [u, { metrics }] of rows.entries()) {
    for (const [m, name] of names.entries()) {
      const [sum, count] = metrics[name] ?? [0, 0];
      sums[u * names.length + m] = sum;
      counts[u * names.length + m] = count;
    }
  }
  return { users: rows.length, metrics: names.length, sums, counts };
}

/** What is drawn are trips: each with the travellers of either archetype who went on it. */
function divergenceSums(rows: readonly TravellerRow[], group: string): UserSums {
  const byTrip = new Map<number, Map<string, TravellerRow>>();
  for (const row of rows) {
    if (group === 'warm' || group === 'cold' ? !inGroup(row, group) : false) continue;
    if (!byTrip.has(row.number)) byTrip.set(row.number, new Map());
    byTrip.get(row.number)!.set(row.archetype, row);
  }
  const everybody = group === 'all' || group === 'warm' || group === 'cold';
  const pairs = DIVERGENT_PAIRS.filter(({ pair }) => everybody || (pair as readonly string[]).includes(group));
  const numbers = [...byTrip.keys()].sort((a, b) => a - b);
  const sums = new Float64Array(numbers.length);
  const counts = new Float64Array(numbers.length);
  for (const [u, number] of numbers.entries()) {
    for (const { pair } of pairs) {
      const [a, b] = pair.map((archetype) => byTrip.get(number)!.get(archetype));
      const divergence = a && b ? travellerDivergence(a.first_lists, b.first_lists) : null;
      if (divergence === null) continue;
      sums[u]! += divergence;
      counts[u]! += 1;
    }
  }
  return { users: numbers.length, metrics: 1, sums, counts };
}

function intervalOf(draws: Float64Array): Interval | null {
  const sorted = draws.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return null;
  return { lower: quantile(sorted, (1 - LEVEL) / 2), upper: quantile(sorted, (1 + LEVEL) / 2) };
}
