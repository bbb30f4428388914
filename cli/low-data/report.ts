/** What the runs say together: the table beside seed 4's, paired differences, and what a ranker may be told from them. */
import type { UserSums } from '../../core/experiment/bootstrap.ts';
import { AGENT_MODEL } from '../../simulation/agents/choice-agent.ts';
import { HIDDEN_MIX, UNSEEN_KINDS } from '../../simulation/low-data/hidden-archetypes.ts';
import { HIDDEN_MODEL } from '../../simulation/low-data/hidden-model.ts';
import { OFFERS } from '../../simulation/low-data/offers.ts';
import { AUGMENTATION } from '../../training/low-data/augment.ts';
import { CROSS_USER_TREES } from '../../training/low-data/cross-user.ts';
import { OWN_MODEL_FROM } from '../../training/low-data/per-user.ts';
import { ACTIVE } from '../../training/low-data/uncertain.ts';
import { differences, type Estimate, type Estimates, estimates, joined, unpairedAccuracy } from './estimates.ts';
import { SEGMENTS, type Segment } from './forecaster.ts';
import { type FewNotes, type Measured, type Run, type StrategyName, TESTS, type TestName } from './run-once.ts';
import { LATENT_SHARE, type WorldSize } from './world.ts';

export const LABELS: Record<StrategyName, string> = {
  majority: 'floor: always the more frequent answer',
  real_only: 'baseline: the few real travellers alone',
  synthetic: '1. synthetic only',
  synthetic_and_real: 'control: 1 and the real rows, no variations',
  augmented: '2. 1 and the real rows with 20 variations each',
  personal: '3. 2, then a model of one’s own from 20 decisions',
  random_asking: 'control: 3 and as many labels, asked by lot',
  active: '4. 3 and three rounds of active learning',
  weekly: '5. 4, retrained weekly on who arrives',
  all_real: 'reference: the whole training side, labelled',
  all_real_personal: 'reference: the same, then a model of one’s own',
  oracle: 'ceiling: the population’s own probability',
};

/** Accuracy on real users, of seed 4 ("Expected Performance"). */
export const EXPECTED: Partial<Record<StrategyName, [lower: number, upper: number]>> = {
  synthetic: [0.7, 0.75],
  augmented: [0.8, 0.85],
  active: [0.85, 0.9],
};

const PLAYED = 'hidden_population';

const ORDER = Object.keys(LABELS) as StrategyName[];

/** Pairs that answer a question each: first less second. */
export const PAIRS: readonly [first: StrategyName, second: StrategyName, asks: string][] = [
  ['synthetic', 'real_only', 'are synthetic travellers better than the few real ones alone?'],
  ['synthetic_and_real', 'synthetic', 'do the few real rows help?'],
  ['augmented', 'synthetic', 'strategy 2 over 1'],
  ['augmented', 'synthetic_and_real', 'do the variations help beyond the rows that they were made from?'],
  ['personal', 'augmented', 'strategy 3 over 2'],
  ['active', 'personal', 'strategy 4 over 3'],
  ['active', 'random_asking', 'is asking the uncertain better than asking by lot?'],
  ['weekly', 'active', 'strategy 5 over 4'],
  ['weekly', 'synthetic', 'all of it over synthetic only'],
  ['weekly', 'all_real_personal', 'how far from plenty of real data?'],
];

export interface StrategyResult {
  name: StrategyName;
  few: number | null;
  /** Seed 4's range of accuracy, and where the interval lies to it: null where the seed says nothing. */
  expected: [number, number] | null;
  verdict: 'as expected' | 'below' | 'above' | 'undecided' | null;
  /** Rows that it learned from, of the first run; those who play real travellers are called what they are. */
  learnedFrom: Record<string, number> | null;
  tests: Record<TestName, Record<Segment, Estimates>>;
}

export interface PairResult {
  first: StrategyName;
  second: StrategyName;
  asks: string;
  few: number;
  tests: Record<TestName, Estimates>;
}

export interface FewResult extends Omit<FewNotes, 'rounds' | 'weeks' | 'ab'> {
  rounds: Estimate[];
  weeks: Estimate[];
  ab: { synthetic: Estimate; retrained: Estimate; difference: Omit<Estimate, 'runs'>; travellers: [number, number] };
}

export interface Experiment {
  format: 'overplanned-low-data';
  v: 1;
  /** Everybody is, also who plays a real traveller. */
  synthetic: true;
  createdAt: string;
  codeRevision: string;
  seed: number;
  runSeeds: number[];
  size: WorldSize;
  travellers: Record<TestName, number>;
  strategies: StrategyResult[];
  pairs: PairResult[];
  few: FewResult[];
  parameters: Record<string, unknown>;
  limits: readonly string[];
}

const LIMITS = [
  'Everybody here is simulated: those who play real travellers come from another choice model, not from life. No figure is an accuracy on people.',
  'The two models are of one family (a utility over the same venue fields): what real travellers go by may lie further away.',
  'Intervals draw travellers, not runs: the few real travellers of a run are the same for all who are tested in it. The column of runs shows what that hides.',
  'Offers are drawn evenly, not by a ranker: what the A/B serves does not change what is offered next.',
  'Answers to the questions of active learning are as true as decisions on a trip: who is asked in an app may answer otherwise.',
] as const;

export function summarise(
  runs: readonly Run[],
  about: Pick<Experiment, 'createdAt' | 'codeRevision' | 'seed' | 'size'>,
): Experiment {
  const { seed, size } = about;
  const of = (name: StrategyName, few: number | null): Measured[] =>
    runs.map(({ measured }) => measured.find((one) => one.name === name && (one.few === null || one.few === few))!);
  const sums = (all: readonly Measured[], test: TestName, segment: Segment): UserSums[] =>
    all.map(({ tests }) => tests[test][segment]);
  const strategies = ORDER.flatMap((name) => {
    const sizes = runs[0]!.measured.filter((one) => one.name === name).map(({ few }) => few);
    return sizes.map((few): StrategyResult => {
      const measured = of(name, few);
      const tests = byTest((test) => bySegment((segment) => estimates(sums(measured, test, segment), seed)));
      const expected = EXPECTED[name] ?? null;
      const { lineage } = measured[0]!;
      return {
        name,
        few,
        expected,
        verdict: expected && verdictOf(tests.held_out.all.accuracy, expected),
        learnedFrom: lineage && playedBy(lineage),
        tests,
      };
    });
  });
  const pairs = PAIRS.flatMap(([first, second, asks]) =>
    size.few.map((few): PairResult => {
      const [a, b] = [of(first, few), of(second, few)];
      return {
        first,
        second,
        asks,
        few,
        tests: byTest((test) => differences(sums(a, test, 'all'), sums(b, test, 'all'), seed)),
      };
    }),
  );
  return {
    format: 'overplanned-low-data',
    v: 1,
    synthetic: true,
    ...about,
    runSeeds: runs.map((run) => run.seed),
    travellers: byTest((test) => joined(sums(of('majority', null), test, 'all')).users),
    strategies,
    pairs,
    few: size.few.map((few) => fewResult(runs, few, seed)),
    parameters: {
      hidden: { ...HIDDEN_MODEL, mix: HIDDEN_MIX, unseen: UNSEEN_KINDS.map(({ id }) => id) },
      synthetic: { agent: AGENT_MODEL.version, latentShare: LATENT_SHARE },
      offers: OFFERS,
      augmentation: AUGMENTATION,
      trees: CROSS_USER_TREES,
      ownModelFrom: OWN_MODEL_FROM,
      active: ACTIVE,
    },
    limits: LIMITS,
  };
}

/** `user_behavioral` is the part that they play, in memory: nothing that is written down may take it for life. */
function playedBy(lineage: Readonly<Record<string, number>>): Record<string, number> {
  const rows = Object.entries(lineage).map(([source, count]) => [
    source === 'user_behavioral' ? PLAYED : source,
    count,
  ]);
  return Object.fromEntries(rows);
}

/** Where the whole interval lies to the range that was expected. */
function verdictOf({ interval }: Estimate, [lower, upper]: [number, number]): StrategyResult['verdict'] {
  if (!interval) return 'undecided';
  if (interval.upper < lower) return 'below';
  if (interval.lower > upper) return 'above';
  return interval.lower >= lower && interval.upper <= upper ? 'as expected' : 'undecided';
}

function fewResult(runs: readonly Run[], few: number, seed: number): FewResult {
  const notes = runs.map(({ notes }) => notes.find((one) => one.few === few)!);
  const mean = (of: (one: (typeof notes)[number]) => number) =>
    notes.reduce((sum, one) => sum + of(one), 0) / notes.length;
  const accuracy = (sums: readonly UserSums[]) => estimates(sums, seed).accuracy;
  const through = (of: (one: (typeof notes)[number]) => readonly UserSums[]) =>
    of(notes[0]!).map((_, i) => accuracy(notes.map((one) => of(one)[i]!)));
  const ab = (side: 'synthetic' | 'retrained') => notes.map((one) => joined(one.ab[side]));
  const users = (side: 'synthetic' | 'retrained') => joined(ab(side)).users;
  const known = notes.filter(({ betweenTravellers }) => betweenTravellers !== null);
  return {
    few,
    variations: mean(({ variations }) => variations),
    leftOut: mean(({ leftOut }) => leftOut),
    apart: mean(({ apart }) => apart),
    betweenTravellers: known.length === 0 ? null : mean((one) => one.betweenTravellers!),
    nearestIsOwn: known.length === 0 ? null : mean((one) => one.nearestIsOwn!),
    replaced: mean(({ replaced }) => replaced),
    labels: mean(({ labels }) => labels),
    askedMargin: mean(({ askedMargin }) => askedMargin),
    poolMargin: mean(({ poolMargin }) => poolMargin),
    rounds: through(({ rounds }) => rounds),
    weeks: through(({ weeks }) => weeks),
    ab: {
      synthetic: accuracy(ab('synthetic')),
      retrained: accuracy(ab('retrained')),
      difference: unpairedAccuracy(ab('retrained'), ab('synthetic'), seed),
      travellers: [users('synthetic'), users('retrained')],
    },
  };
}

const byTest = <Value>(of: (test: TestName) => Value) =>
  Object.fromEntries(TESTS.map((test) => [test, of(test)])) as Record<TestName, Value>;
const bySegment = <Value>(of: (segment: Segment) => Value) =>
  Object.fromEntries(SEGMENTS.map((segment) => [segment, of(segment)])) as Record<Segment, Value>;
