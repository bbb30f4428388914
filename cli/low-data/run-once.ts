/** One run of the experiment: every strategy, at every number of real travellers, on the same held-out ones. */
import { variantOf } from '../../core/experiment/assignment.ts';
import type { UserSums } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import type { ShadowCity } from '../../simulation/shadow/settings.ts';
import { augment } from '../../training/low-data/augment.ts';
import { crossUserModelOf } from '../../training/low-data/cross-user.ts';
import { type DecisionTable, decisionTable } from '../../training/low-data/decision-features.ts';
import { countSources, type DecisionRow } from '../../training/low-data/decision-row.ts';
import { NearVenues } from '../../training/low-data/near-venues.ts';
import { ACTIVE, marginOf, mostUncertain } from '../../training/low-data/uncertain.ts';
import { type BoostedTrees, predict } from '../../training/trees/boost.ts';
import { foretell, type SegmentSums, scored } from './forecaster.ts';
import { makeWorld, type World, type WorldSize } from './world.ts';

/** What does not depend on how many real travellers there are, and what does. */
export const ALWAYS = ['majority', 'synthetic', 'all_real', 'all_real_personal', 'oracle'] as const;
export const BY_FEW = [
  'real_only',
  'synthetic_and_real',
  'augmented',
  'personal',
  'active',
  'random_asking',
  'weekly',
] as const;
export type StrategyName = (typeof ALWAYS)[number] | (typeof BY_FEW)[number];

/** `held_out`: real travellers of the twelve archetypes; `unseen`: of archetypes that nobody has learned from. */
export const TESTS = ['held_out', 'unseen'] as const;
export type TestName = (typeof TESTS)[number];

export interface Measured {
  name: StrategyName;
  /** Real travellers in the seed; null where it does not matter. */
  few: number | null;
  /** Rows that it learned from, by source; null where there are none. */
  lineage: Record<string, number> | null;
  tests: Record<TestName, SegmentSums>;
}

export interface FewNotes {
  few: number;
  /** Of the variations: how many, how many left out, and how far from what they were made of. */
  variations: number;
  leftOut: number;
  apart: number;
  betweenTravellers: number | null;
  nearestIsOwn: number | null;
  replaced: number;
  /** Labels that were bought, and the mean margin of what was asked and of all that could have been. */
  labels: number;
  askedMargin: number;
  poolMargin: number;
  /** Accuracy on the held-out after each round of asking, and after each week: sums by traveller. */
  rounds: UserSums[];
  weeks: UserSums[];
  /** Of the travellers who arrived, on their own decisions: by the model that their side of the A/B served. */
  ab: Record<'synthetic' | 'retrained', UserSums[]>;
}

export interface Run {
  seed: number;
  measured: Measured[];
  notes: FewNotes[];
}

export interface RunRequest {
  places: readonly ShadowCity[];
  seed: number;
  size: WorldSize;
  /** Names travellers apart from those of other runs. */
  run: number;
}

const A_B = [
  { name: 'synthetic', model: 'synthetic', share: 0.5 },
  { name: 'retrained', model: 'retrained', share: 0.5 },
];

/** A function of its request. */
export function runOnce({ places, seed, size, run }: RunRequest): Run {
  const world = makeWorld(places, seed, size);
  const tables = { held_out: decisionTable(world.heldOut), unseen: decisionTable(world.unseen) };
  const from = run * 1_000_000;
  const score = (probabilities: Record<TestName, ArrayLike<number>>): Measured['tests'] => ({
    held_out: scored(probabilities.held_out, tables.held_out, from),
    unseen: scored(probabilities.unseen, tables.unseen, from),
  });
  const both = (of: (table: DecisionTable<DecisionRow>) => ArrayLike<number>) => ({
    held_out: of(tables.held_out),
    unseen: of(tables.unseen),
  });
  const measure = (name: StrategyName, few: number | null, model: Learned, personal: boolean): Measured => ({
    name,
    few,
    lineage: model.lineage,
    tests: score(both((table) => foretell(model.trees, table, personal))),
  });
  const synthetic = decisionTable(world.synthetic);
  const onSynthetic = learned([synthetic], seed);
  const onAll = learned([decisionTable(world.all)], seed);
  const measured: Measured[] = [
    {
      name: 'majority',
      few: null,
      lineage: null,
      tests: score(
        both(({ rows }) => {
          const share = rows.filter(({ accepted }) => accepted).length / rows.length;
          return rows.map(() => share);
        }),
      ),
    },
    measure('synthetic', null, onSynthetic, false),
    measure('all_real', null, onAll, false),
    measure('all_real_personal', null, onAll, true),
    {
      name: 'oracle',
      few: null,
      lineage: null,
      tests: score(both(({ rows }) => rows.map(({ id }) => world.oracle.get(id)!))),
    },
  ];
  const notes = size.few.map((few) => {
    return withFew(few, world, {
      seed,
      variations: size.variations,
      synthetic,
      onSynthetic,
      heldOut: tables.held_out,
      from,
      measure,
      measured,
    });
  });
  return { seed, measured, notes };
}

interface Learned {
  trees: BoostedTrees;
  lineage: Record<string, number>;
}

function learned(tables: readonly DecisionTable<DecisionRow>[], seed: number): Learned {
  return { trees: crossUserModelOf(tables, seed), lineage: countSources(tables.flatMap(({ rows }) => rows)) };
}

interface Shared {
  seed: number;
  /** Of each real traveller. */
  variations: number;
  synthetic: DecisionTable<DecisionRow>;
  onSynthetic: Learned;
  heldOut: DecisionTable<DecisionRow>;
  from: number;
  measure(name: StrategyName, few: number, model: Learned, personal: boolean): Measured;
  /** Is added to. */
  measured: Measured[];
}

function withFew(few: number, world: World, shared: Shared): FewNotes {
  const { seed, synthetic, onSynthetic, heldOut, from, measure, measured } = shared;
  const note = (name: StrategyName, model: Learned, personal: boolean) =>
    measured.push(measure(name, few, model, personal));
  const real = decisionTable(world.few.get(few)!);
  const { variations, leftOut, betweenTravellers, nearestIsOwn } = augment(
    real.rows,
    new NearVenues(world.cities),
    seed,
    shared.variations,
  );
  const derived = decisionTable(variations.flatMap(({ rows }) => rows));
  const fitWith = (...more: DecisionTable<DecisionRow>[]) => learned([synthetic, real, derived, ...more], seed);
  note('real_only', learned([real], seed), false);
  note('synthetic_and_real', learned([synthetic, real], seed), false);
  const augmented = fitWith();
  note('augmented', augmented, false);
  note('personal', augmented, true);

  const sumsNow = (model: Learned) => scored(foretell(model.trees, heldOut, true), heldOut, from).all;
  const asking = askUncertain(world.questions, augmented, fitWith);
  note('active', asking.model, true);
  const chance = Random.of(seed, `random-asking/${few}`)
    .shuffle([...world.questions])
    .slice(0, asking.bought.length);
  note('random_asking', fitWith(answersOf(chance)), true);

  const weekly = retrainWeekly(world, asking, onSynthetic, fitWith, seed, from);
  note('weekly', weekly.models.at(-1)!, true);
  return {
    few,
    variations: variations.length,
    leftOut,
    apart: mean(variations.map(({ apart }) => apart)),
    betweenTravellers,
    nearestIsOwn,
    replaced: mean(variations.map(({ replaced }) => replaced)),
    labels: asking.bought.length,
    askedMargin: mean(asking.margins),
    poolMargin: asking.poolMargin,
    rounds: asking.models.map(sumsNow),
    weeks: weekly.models.map(sumsNow),
    ab: weekly.ab,
  };
}

type Fit = (...more: DecisionTable<DecisionRow>[]) => Learned;

interface Asking {
  /** After each round. */
  models: Learned[];
  /** After the last. */
  model: Learned;
  bought: DecisionRow[];
  margins: number[];
  poolMargin: number;
}

/** Strategy 4: in each round the ten of which the model is least sure are asked, and it learns from the answers. */
function askUncertain(questions: readonly DecisionRow[], start: Learned, fitWith: Fit): Asking {
  const { features, rows } = answersOf(questions);
  const models: Learned[] = [];
  const bought: DecisionRow[] = [];
  const margins: number[] = [];
  let [model, poolMargin] = [start, 0];
  let open = rows.map((row, i) => ({ row, i }));
  for (let round = 0; round < ACTIVE.rounds; round++) {
    const all = predict(model.trees, features);
    if (round === 0) poolMargin = mean([...all].map(marginOf));
    const chosen = mostUncertain(
      open.map(({ row }) => row),
      open.map(({ i }) => all[i]!),
    );
    const taken = new Set(chosen.map(({ index }) => open[index]!));
    bought.push(...[...taken].map(({ row }) => row));
    margins.push(...chosen.map(({ margin }) => margin));
    open = open.filter((one) => !taken.has(one));
    model = fitWith(answersOf(bought));
    models.push(model);
  }
  return { models, model, bought, margins, poolMargin };
}

/** Nothing was known of anybody before: each answer stands by itself. */
function answersOf(rows: readonly DecisionRow[]): DecisionTable<DecisionRow> {
  return decisionTable(rows.map((row) => ({ ...row, actor: `${row.actor}?${row.id}` })));
}

/**
 * Strategy 5: each week new travellers arrive, and half of them are served by the model of synthetic rows, half by the one that was
 * retrained on all real rows that had come in until then.
 */
function retrainWeekly(world: World, asking: Asking, onSynthetic: Learned, fitWith: Fit, seed: number, from: number) {
  const answers = answersOf(asking.bought);
  const models: Learned[] = [];
  const ab: FewNotes['ab'] = { synthetic: [], retrained: [] };
  const arrived: DecisionRow[] = [];
  let serving = asking.model;
  for (const [week, arrivals] of world.weeks.entries()) {
    for (const side of ['synthetic', 'retrained'] as const) {
      const own = arrivals.filter((rows) => {
        return variantOf(rows[0]!.actor, { salt: `low-data/${seed}`, variants: A_B })?.name === side;
      });
      if (own.length === 0) continue;
      const table = decisionTable(own.flat());
      const probabilities =
        side === 'synthetic' ? foretell(onSynthetic.trees, table, false) : foretell(serving.trees, table, true);
      ab[side].push(scored(probabilities, table, from + 1000 * (week + 1)).all);
    }
    arrived.push(...arrivals.flat());
    serving = fitWith(answers, decisionTable(arrived));
    models.push(serving);
  }
  return { models, ab };
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
