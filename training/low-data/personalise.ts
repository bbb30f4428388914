/**
 * From what there is of everybody to a model of each (seed 4, strategy 3). Every traveller is measured against a cross-user model
 * that never saw them: the travellers stand in five folds, and variations go with whom they were made from.
 */
import { type Interval, intervals, means } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import type { BoostedTrees } from '../trees/boost.ts';
import { crossUserModel, logOdds } from './cross-user.ts';
import { decisionTable } from './decision-features.ts';
import { type DecisionRow, isReal } from './decision-row.ts';
import { foldsOf, HELD_OUT_SHARE, withoutActors } from './held-out.ts';
import { OWN_MODEL_FROM, type OwnDecision, ownLogOdds, perUserModel } from './per-user.ts';
import { type Foretold, SUMMED, sumsOf } from './scores.ts';

const FOLDS = Math.round(1 / HELD_OUT_SHARE);
const BOOTSTRAP = { resamples: 1000, level: 0.95, method: 'percentile' } as const;

export interface Gain {
  /** The latest decisions of the traveller, a fifth, that neither model learned from. */
  cases: number;
  /** Share right of one's own model, less that of the cross-user model. */
  accuracy: { value: number; interval: Interval | null };
  /** Nats a decision by which one's own model is the better. */
  logLoss: { value: number; interval: Interval | null };
}

export interface ServedTraveller {
  actor: string;
  decisions: number;
  /** Under 20 decisions the cross-user model alone. */
  servedBy: 'own_model' | 'cross_user';
  /** Null where a model of one's own cannot be held against later decisions: fewer than 25. */
  gain: Gain | null;
}

export interface Personalised {
  /** Learned from all rows. */
  crossUser: BoostedTrees;
  /** Coefficients by actor. */
  own: Map<string, Float64Array>;
  travellers: ServedTraveller[];
  /** Over all travellers who have a gain, drawn by traveller; null where there is none. */
  gain: Gain | null;
  /** The cross-user model on travellers that it never saw: `SUMMED`, and the share of the more frequent answer. */
  unseen: Record<string, { value: number; interval: Interval | null }>;
  majority: number;
  cases: number;
}

/** @throws RangeError where nobody is real, or there is nobody else to learn from */
export function personalise(rows: readonly DecisionRow[], seed: number): Personalised {
  const actors = [...new Set(rows.filter(isReal).map(({ actor }) => actor))];
  if (actors.length === 0) throw new RangeError('no row is of a real traveller (user_behavioral)');
  const folds = foldsOf(actors, Math.min(FOLDS, actors.length), seed);
  const travellers: ServedTraveller[] = [];
  const own = new Map<string, Float64Array>();
  const foretold: Foretold[] = [];
  const gains: GainCase[] = [];
  for (let fold = 0; fold < Math.min(FOLDS, actors.length); fold++) {
    const held = actors.filter((actor) => folds.get(actor) === fold);
    const model = fitted(withoutActors(rows, new Set(held)), seed, held);
    for (const actor of held) {
      const table = decisionTable(rows.filter((row) => isReal(row) && row.actor === actor));
      const odds = logOdds(model, table.features);
      const decisions = table.rows.map(({ venue, accepted }, i) => ({ venue, accepted, logOdds: odds[i]! }));
      const traveller = travellers.length;
      for (const { accepted, logOdds } of decisions) {
        foretold.push({ traveller, accepted, probability: sigmoid(logOdds) });
      }
      const coefficients = perUserModel(decisions);
      if (coefficients) own.set(actor, coefficients);
      const cases = gainCases(decisions, traveller);
      gains.push(...cases);
      travellers.push({
        actor,
        decisions: decisions.length,
        servedBy: coefficients ? 'own_model' : 'cross_user',
        // Of one traveller, decisions are drawn.
        gain: gainOf(
          cases.map((one, i) => ({ ...one, cluster: i })),
          seed,
        ),
      });
    }
  }
  const sums = sumsOf(foretold);
  const ranges = intervals(sums, BOOTSTRAP, Random.of(seed, 'personalise/unseen'));
  const taken = foretold.filter(({ accepted }) => accepted).length / foretold.length;
  return {
    crossUser: fitted(rows, seed, []),
    own,
    travellers: travellers.sort((a, b) => (a.actor < b.actor ? -1 : 1)),
    gain: gainOf(gains, seed),
    unseen: Object.fromEntries(
      SUMMED.map((name, m) => [name, { value: means(sums)[m]!, interval: ranges[m]! }]).filter(
        ([, measured]) => !Number.isNaN((measured as { value: number }).value),
      ),
    ),
    majority: Math.max(taken, 1 - taken),
    cases: foretold.length,
  };
}

function fitted(rows: readonly DecisionRow[], seed: number, without: readonly string[]): BoostedTrees {
  try {
    return crossUserModel(rows, seed);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const who = without.length === 0 ? '' : ` without ${without.length} of the travellers (${without[0]}, ...)`;
    throw new RangeError(`a cross-user model cannot be learned${who}: ${cause.message}`, { cause });
  }
}

interface GainCase {
  cluster: number;
  accuracy: number;
  logLoss: number;
}

/** The first four fifths teach, the rest are foretold; none where the first are fewer than 20. */
function gainCases(decisions: readonly OwnDecision[], cluster: number): GainCase[] {
  const split = Math.floor(decisions.length * (1 - HELD_OUT_SHARE));
  const coefficients = split < OWN_MODEL_FROM ? null : perUserModel(decisions.slice(0, split));
  if (!coefficients) return [];
  return decisions.slice(split).map(({ venue, accepted, logOdds }) => {
    const [before, after] = [logOdds, ownLogOdds(logOdds, coefficients, venue)];
    const right = (odds: number) => (odds >= 0 === accepted ? 1 : 0);
    const loss = (odds: number) => Math.log1p(Math.exp(accepted ? -odds : odds));
    return { cluster, accuracy: right(after) - right(before), logLoss: loss(before) - loss(after) };
  });
}

function gainOf(cases: readonly GainCase[], seed: number): Gain | null {
  if (cases.length === 0) return null;
  const clusters = [...Map.groupBy(cases, ({ cluster }) => cluster).values()];
  const data = {
    users: clusters.length,
    metrics: 2,
    sums: Float64Array.from(
      clusters.flatMap((own) => [
        own.reduce((sum, { accuracy }) => sum + accuracy, 0),
        own.reduce((sum, { logLoss }) => sum + logLoss, 0),
      ]),
    ),
    counts: Float64Array.from(clusters.flatMap((own) => [own.length, own.length])),
  };
  const [accuracy, logLoss] = means(data);
  const ranges = intervals(data, BOOTSTRAP, Random.of(seed, 'personalise/gain'));
  return {
    cases: cases.length,
    accuracy: { value: accuracy!, interval: ranges[0]! },
    logLoss: { value: logLoss!, interval: ranges[1]! },
  };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
