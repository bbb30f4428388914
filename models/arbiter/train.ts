/** The learned arbiter: boosted trees that say which of the two rankings to trust. */
import type { Side } from '../../core/arbitration/decision.ts';
import { always, type Choice, choiceValue, gain, loggedValue } from '../../core/arbitration/policy-value.ts';
import { type ArbitrationEvent, clustersOf, isTrial, type Trial } from '../../core/arbitration/trial.ts';
import type { PolicyValue } from '../../core/experiment/off-policy/estimate.ts';
import type { NoSupport } from '../../core/experiment/off-policy/support.ts';
import { Random } from '../../core/experiment/random.ts';
import { jsonFile, NotEnoughData, type TrainedFiles, type TrainingRun } from '../../training/measured-model.ts';
import type { Minimum } from '../../training/model.ts';
import {
  type Boosted,
  boost,
  importances,
  type Labelled,
  predict,
  treeParameters,
} from '../../training/trees/boost.ts';
import { boostOptions } from '../../training/trees/config.ts';
import { featureTable } from '../../training/trees/feature-table.ts';
import { treesFile } from '../../training/trees/onnx.ts';
import type { ArbiterConfig } from './config.ts';
import { ARBITER_FEATURE_NAMES, ARBITER_FEATURES_VERSION, arbiterFeatures } from './inputs.ts';

export const ARBITER_MINIMUM: Minimum = { unit: 'events with outcomes', count: 1500 };
/** Of the trials, the latest: they say when to stop. */
const VALIDATION_SHARE = 0.2;

/** The log cannot say which side is better: it is no matter of more events of the same kind. */
export class NoSupportForArbiter extends Error {
  override readonly name = 'NoSupportForArbiter';
  readonly code = 'no_support';
  readonly found: number;
  readonly bound: number;
  constructor(message: string, found: number, bound: number) {
    super(`no_support: ${message}`);
    this.found = found;
    this.bound = bound;
  }
}

/**
 * The probability that the ML side is the right one is (1 + chance that the ML side is accepted - chance that the LLM side
 * is) / 2: over a half, ML serves. It is learned as a weighted classification (the offset tree of Beygelzimer and Langford
 * 2009, KDD, with offset 1/2): the side that was served is right where it was accepted, the other one where it was not, each
 * with the weight 1 / propensity; decisions that were not randomised have no weight at all.
 *
 * Values (SNIPS) are of choices made for each traveller by trees that saw nothing of theirs.
 * @throws NotEnoughData; NoSupportForArbiter
 */
export async function trainArbiter(
  { events }: { events: readonly ArbitrationEvent[] },
  { config, seed, onProgress }: TrainingRun<ArbiterConfig>,
): Promise<TrainedFiles> {
  const trials = trialsOf(events);
  const options = { ...boostOptions(config, seed), onProgress };
  const stopped = boostUntilStopped(trials, options);
  // With the rounds that validation asked for, from all trials.
  const final = boost(labelled(trials), null, { ...options, rounds: stopped.bestRound, onProgress: undefined });

  const learned = crossFitted(trials, config.folds, { ...options, onProgress: undefined });
  const [ml, llm] = [always('ml', trials), always('llm', trials)];
  const metadata = { model: 'arbiter', features: ARBITER_FEATURES_VERSION };
  return {
    files: [
      { name: 'arbiter.onnx', bytes: treesFile('arbiter', final.model, metadata) },
      jsonFile('features.json', {
        version: ARBITER_FEATURES_VERSION,
        features: ARBITER_FEATURE_NAMES,
        importance: importances(final.model),
      }),
    ],
    metrics: {
      snips_learned: supported(choiceValue(trials, learned, seed)),
      snips_always_ml: supported(choiceValue(trials, ml, seed)),
      snips_always_llm: supported(choiceValue(trials, llm, seed)),
      accepted_as_served: loggedValue(trials),
      gain_over_always_ml: gain(trials, learned, ml, seed),
      gain_over_always_llm: gain(trials, learned, llm, seed),
      share_ml: { value: learned.sides.filter((side) => side === 'ml').length / trials.length, interval: null },
      trials: { value: trials.length, interval: null },
    },
    history: stopped.history,
    bestEpoch: stopped.bestRound,
    parameters: treeParameters(final.model),
  };
}

/** Oldest first. */
function trialsOf(events: readonly ArbitrationEvent[]): Trial[] {
  const { count, unit } = ARBITER_MINIMUM;
  const withOutcomes = events.filter(({ accepted, served }) => accepted !== null && served !== null).length;
  if (withOutcomes < count) {
    const waiting = events.length - withOutcomes;
    throw new NotEnoughData('the arbiter', unit, withOutcomes, count, waiting > 0 ? ` (${waiting} have none)` : '');
  }
  const trials = events.filter(isTrial).sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  if (trials.length < count) {
    throw new NoSupportForArbiter(
      `of ${withOutcomes} events with outcomes, ${trials.length} come from a randomised decision with its propensity; ` +
        `${count} are needed, since only what was shown could be accepted`,
      trials.length,
      count,
    );
  }
  for (const side of ['ml', 'llm'] as const) supported(choiceValue(trials, always(side, trials), 0));
  return trials;
}

function supported(result: PolicyValue | NoSupport): PolicyValue {
  if (result.kind === 'value') return result;
  throw new NoSupportForArbiter(result.message, result.found, result.bound);
}

function labelled(trials: readonly Trial[]): Labelled {
  return {
    features: featureTable(
      ARBITER_FEATURE_NAMES,
      trials.map(({ facts }) => arbiterFeatures(facts)),
    ),
    label: trials.map(({ served, accepted }) => ((served === 'ml') === accepted ? 1 : 0)),
    weight: trials.map(({ propensity }) => 0.5 / propensity),
  };
}

/** @param trials oldest first */
function boostUntilStopped(trials: readonly Trial[], options: Parameters<typeof boost>[2]): Boosted {
  const cut = Math.round((1 - VALIDATION_SHARE) * trials.length);
  return boost(labelled(trials.slice(0, cut)), labelled(trials.slice(cut)), options);
}

/** What models that never saw a traveller would have served them. */
function crossFitted(trials: readonly Trial[], folds: number, options: Parameters<typeof boost>[2]): Choice {
  const cluster = clustersOf(trials);
  const random = Random.of(options.seed, 'folds');
  const foldOf = Int32Array.from(new Set(cluster), () => random.int(folds));
  const sides: Side[] = trials.map(() => 'ml');
  for (let fold = 0; fold < folds; fold++) {
    const inFold = trials.map((_, i) => foldOf[cluster[i]!] === fold);
    const mine = trials.filter((_, i) => inFold[i]);
    if (mine.length === 0) continue;
    const { model } = boostUntilStopped(
      trials.filter((_, i) => !inFold[i]),
      options,
    );
    const said = predict(model, labelled(mine).features);
    let at = 0;
    for (const i of trials.keys()) if (inFold[i]) sides[i] = said[at++]! >= 0.5 ? 'ml' : 'llm';
  }
  return { name: 'learned', sides };
}
