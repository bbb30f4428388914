/** Part (a): whether simulated travellers tell the places that real tourists went to from others. */
import { type Interval, intervals, means, type UserSums } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { type Answer, type AnsweredPanel, DISTRACTORS, type DistractorKind, RATIOS } from './panels.ts';

export interface Measure {
  value: number | null;
  /** 95%, over tourists; null with fewer than two. */
  interval: Interval | null;
}

/**
 * Of panels of one real place and k others, with `taken` what is said to have been visited:
 *
 *   accuracy          = (real taken + others not taken) / (1 + k), mean over panels
 *   precision         = real taken / all taken
 *   recall            = real taken / panels
 *   balanced accuracy = (recall + share of others not taken) / 2: 0.5 is chance at every k
 *   auc               = share of others that the real place is scored above, ties half: 0.5 is chance
 */
export const DISCRIMINATION_METRICS = ['accuracy', 'precision', 'recall', 'balanced_accuracy', 'auc'] as const;
export type DiscriminationMetric = (typeof DISCRIMINATION_METRICS)[number];

/**
 * `agent`: the built-in choice model, told fame as the tourist score, which it shuns. `agent_untold`: told nothing of fame.
 * `popularity`: takes the places with most visitors, as many in all as the agent took.
 * `nothing`: takes no place, which is what accuracy rewards at 1:9.
 */
export const CHOOSERS = ['agent', 'agent_untold', 'popularity', 'nothing'] as const;
export type ChooserName = (typeof CHOOSERS)[number];

export interface Discrimination {
  distractors: DistractorKind;
  ratio: number;
  panels: number;
  tourists: number;
  choosers: Record<ChooserName, Record<DiscriminationMetric, Measure>>;
  /** Balanced accuracy less that of popularity, paired. */
  overPopularity: Record<'agent' | 'agent_untold', Measure>;
}

/** Measured by others, on other data and with other distractors: no figure to compare with, only an order of size. */
export const MEASURED_ON_OTHER_DATA = [
  { name: 'Agent4Rec', ratio: 1, accuracy: 0.691 },
  { name: 'SimUSER', ratio: 1, accuracy: 0.791 },
  { name: 'AlignUSER', ratio: 1, accuracy: 0.832 },
] as const;

const BOOTSTRAP = { resamples: 1000, level: 0.95, method: 'percentile' } as const;

interface Chooser {
  takes(answer: Answer): boolean;
  score(answer: Answer): number;
}

/** Every kind of distractor at every ratio. @param panels at least one */
export function discrimination(panels: readonly AnsweredPanel[], seed: number): Discrimination[] {
  return DISTRACTORS.flatMap((kind) => RATIOS.map((ratio) => atRatio(panels, kind, ratio, seed)));
}

function atRatio(panels: readonly AnsweredPanel[], kind: DistractorKind, ratio: number, seed: number): Discrimination {
  const cut = panels.map(({ tourist, real, distractors }) => {
    return { tourist, real, others: distractors[kind].slice(0, ratio) };
  });
  const all = cut.flatMap(({ real, others }) => [real, ...others]);
  const rows = new Map<number, number>();
  for (const { tourist } of cut) if (!rows.has(tourist)) rows.set(tourist, rows.size);
  const random = () => Random.of(seed, `certificate/discrimination/${kind}/${ratio}`);
  const choosers: Record<ChooserName, Chooser> = {
    agent: { takes: ({ told }) => told.taken, score: ({ told }) => told.probability },
    agent_untold: { takes: ({ untold }) => untold.taken, score: ({ untold }) => untold.probability },
    popularity: popularityAsOften(all),
    nothing: { takes: () => false, score: () => 0 },
  };
  const sums = Object.fromEntries(CHOOSERS.map((name) => [name, sumsOf(cut, rows, choosers[name])])) as Record<
    ChooserName,
    UserSums
  >;
  const overPopularity = (name: 'agent' | 'agent_untold') => {
    const apart = sums[name].sums.map((sum, i) => sum - sums.popularity.sums[i]!);
    return measured({ ...sums[name], sums: apart }, random()).balanced_accuracy;
  };
  return {
    distractors: kind,
    ratio,
    panels: cut.length,
    tourists: rows.size,
    choosers: Object.fromEntries(
      CHOOSERS.map((name) => [name, measured(sums[name], random())]),
    ) as Discrimination['choosers'],
    overPopularity: { agent: overPopularity('agent'), agent_untold: overPopularity('agent_untold') },
  };
}

/** Says yes to what the most went to, to as many answers in all as the agent took, or a few more where counts are tied. */
function popularityAsOften(answers: readonly Answer[]): Chooser {
  const wanted = answers.filter(({ told }) => told.taken).length;
  const counts = answers.map(({ visitors }) => visitors).sort((a, b) => b - a);
  const least = wanted === 0 ? Number.POSITIVE_INFINITY : counts[wanted - 1]!;
  return { takes: ({ visitors }) => visitors >= least, score: ({ visitors }) => visitors };
}

function sumsOf(
  panels: readonly { tourist: number; real: Answer; others: readonly Answer[] }[],
  rows: ReadonlyMap<number, number>,
  { takes, score }: Chooser,
): UserSums {
  const metrics = DISCRIMINATION_METRICS.length;
  const sums = new Float64Array(rows.size * metrics);
  const counts = new Float64Array(rows.size * metrics);
  for (const { tourist, real, others } of panels) {
    const k = others.length;
    const hit = takes(real) ? 1 : 0;
    const wrong = others.filter(takes).length;
    const own = score(real);
    const won = others.reduce((sum, other) => sum + (own > score(other) ? 1 : own === score(other) ? 0.5 : 0), 0);
    const parts: Record<DiscriminationMetric, [sum: number, count: number]> = {
      accuracy: [(hit + k - wrong) / (1 + k), 1],
      precision: [hit, hit + wrong],
      recall: [hit, 1],
      balanced_accuracy: [(hit + 1 - wrong / k) / 2, 1],
      auc: [won / k, 1],
    };
    const row = rows.get(tourist)! * metrics;
    for (const [m, name] of DISCRIMINATION_METRICS.entries()) {
      sums[row + m]! += parts[name][0];
      counts[row + m]! += parts[name][1];
    }
  }
  return { users: rows.size, metrics, sums, counts };
}

function measured(data: UserSums, random: Random): Record<DiscriminationMetric, Measure> {
  const values = means(data);
  const ranges = intervals(data, BOOTSTRAP, random);
  return Object.fromEntries(
    DISCRIMINATION_METRICS.map((name, m) => {
      const value = values[m]!;
      return [name, Number.isNaN(value) ? { value: null, interval: null } : { value, interval: ranges[m]! }];
    }),
  ) as Record<DiscriminationMetric, Measure>;
}
