/** Will this pivot option be taken? Trees or an MLP, whichever validation finds better. */
import type { Random } from '../../core/experiment/random.ts';
import type { Graph } from '../../training/engine/graph.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { train } from '../../training/engine/train.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import {
  jsonFile,
  type Metrics,
  NotEnoughData,
  type TrainedFiles,
  type TrainingRun,
} from '../../training/measured-model.ts';
import { descent } from '../../training/model.ts';
import { boost, importances, predict, treeParameters } from '../../training/trees/boost.ts';
import { boostOptions } from '../../training/trees/config.ts';
import { type FeatureTable, featureTable } from '../../training/trees/feature-table.ts';
import { treesFile } from '../../training/trees/onnx.ts';
import type { PivotCase } from './cases.ts';
import type { PivotAcceptanceConfig } from './config.ts';
import { pivotLoss, pivotProbability, standardOf } from './graph.ts';
import { PIVOT_FEATURE_NAMES, PIVOT_FEATURES_VERSION, pivotFeatures } from './inputs.ts';
import { pivotMetrics, pooledAuc, type ScoredPivots } from './metrics.ts';
import type { VenueRates } from './venue-rates.ts';

/** Pivots that were answered, or whose time ran out. */
export const PIVOT_MINIMUM = 500;
/** What a version needs to serve: on the test part. */
export const PIVOT_GATE = { metric: 'auc', above: 0.8 } as const;
/** Shares of the pivots by time: the oldest are learned from, the latest are the test. */
const PARTS = { train: 0.64, validation: 0.16 } as const;

interface Part {
  features: FeatureTable;
  taken: Uint8Array;
  /** [options] */
  pivot: Int32Array;
  /** [pivots] */
  actor: Int32Array;
}

type Candidate = Omit<TrainedFiles, 'metrics'> & {
  kind: 'trees' | 'mlp';
  probabilities(features: FeatureTable): Promise<ArrayLike<number>>;
};

/**
 * @param data cases in any order, and how venues are taken to now: the model's file of them is what the Worker reads
 * @throws NotEnoughData
 */
export async function trainPivotAcceptance(
  { cases, rates }: { cases: readonly PivotCase[]; rates: Pick<VenueRates, 'all'> },
  run: TrainingRun<PivotAcceptanceConfig>,
): Promise<TrainedFiles> {
  if (cases.length < PIVOT_MINIMUM) {
    throw new NotEnoughData('the pivot model', 'answered pivots', cases.length, PIVOT_MINIMUM);
  }
  const byTime = [...cases].sort((a, b) => a.moment.askedAt - b.moment.askedAt || (a.id < b.id ? -1 : 1));
  const [first, second] = [PARTS.train, PARTS.train + PARTS.validation].map((share) =>
    Math.round(share * cases.length),
  );
  const learnFrom = partOf(byTime.slice(0, first));
  const validation = partOf(byTime.slice(first, second));
  const test = partOf(byTime.slice(second));

  const { model } = run.config;
  const candidates: Candidate[] = [];
  if (model !== 'mlp') candidates.push(trainTrees(learnFrom, validation, run));
  if (model !== 'trees') candidates.push(await trainMlp(learnFrom, validation, run));
  let best: { candidate: Candidate; auc: number } | null = null;
  const metrics: Metrics = {};
  for (const candidate of candidates) {
    const auc = aucOf(validation, await candidate.probabilities(validation.features));
    metrics[`validation_auc_${candidate.kind}`] = { value: auc, interval: null };
    if (!best || auc > best.auc) best = { candidate, auc };
  }
  for (const candidate of candidates) {
    const scores = await candidate.probabilities(test.features);
    if (candidate === best!.candidate) Object.assign(metrics, pivotMetrics(scoredBy(test, scores), run.seed));
    if (candidates.length > 1)
      Object.assign(metrics, pivotMetrics(scoredBy(test, scores), run.seed, `${candidate.kind}_`));
  }
  // What the order in which options are offered is worth by itself.
  const place = PIVOT_FEATURE_NAMES.indexOf('place');
  const width = PIVOT_FEATURE_NAMES.length;
  const asOffered = Float64Array.from(test.taken, (_, i) => 1 / (1 + test.features.values[i * width + place]!));
  Object.assign(metrics, pivotMetrics(scoredBy(test, asOffered), run.seed, 'as_offered_'));
  delete metrics.as_offered_ece;
  const { kind, files, history, bestEpoch, parameters } = best!.candidate;
  const about = { version: PIVOT_FEATURES_VERSION, model: kind, features: PIVOT_FEATURE_NAMES };
  return {
    files: [...files, jsonFile('features.json', about), jsonFile('venue-rates.json', rates.all())],
    metrics,
    history,
    bestEpoch,
    parameters,
  };
}

function partOf(cases: readonly PivotCase[]): Part {
  const rows = cases.map(({ moment, options }) => pivotFeatures(moment, options));
  const actors = new Map<string, number>();
  const numberOf = (key: string) => {
    if (!actors.has(key)) actors.set(key, actors.size);
    return actors.get(key)!;
  };
  return {
    features: featureTable(PIVOT_FEATURE_NAMES, rows.flat()),
    taken: Uint8Array.from(cases.flatMap(({ options, taken }) => options.map((_, i) => (i === taken ? 1 : 0)))),
    pivot: Int32Array.from(cases.flatMap(({ options }, p) => options.map(() => p))),
    actor: Int32Array.from(cases, ({ id, actor }) => numberOf(actor ?? `pivot ${id}`)),
  };
}

const scoredBy = ({ taken, pivot, actor }: Part, scores: ArrayLike<number>): ScoredPivots => ({
  scores,
  taken,
  pivot,
  actor,
});

function aucOf({ taken }: Part, scores: ArrayLike<number>): number {
  const order = Int32Array.from(taken, (_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  return pooledAuc(order, scores, taken, () => 1);
}

const METADATA = { model: 'pivot-acceptance', features: PIVOT_FEATURES_VERSION };

function trainTrees(
  learnFrom: Part,
  validation: Part,
  { config, seed, onProgress }: TrainingRun<PivotAcceptanceConfig>,
): Candidate {
  const labelled = ({ features, taken }: Part) => ({
    features,
    label: taken,
    weight: new Float32Array(taken.length).fill(1),
  });
  const { model, history, bestRound } = boost(labelled(learnFrom), labelled(validation), {
    ...boostOptions(config.trees, seed),
    onProgress,
  });
  return {
    kind: 'trees',
    files: [
      { name: 'pivot-acceptance.onnx', bytes: treesFile('pivot-acceptance', model, METADATA) },
      jsonFile('importance.json', importances(model)),
    ],
    history,
    bestEpoch: bestRound,
    parameters: treeParameters(model),
    probabilities: async (features) => predict(model, features),
  };
}

async function trainMlp(
  learnFrom: Part,
  validation: Part,
  run: TrainingRun<PivotAcceptanceConfig>,
): Promise<Candidate> {
  const { mlp } = run.config;
  const standard = standardOf(learnFrom.features);
  const build = (graph: Graph) => ({ probability: pivotProbability(graph, standard, mlp) });
  const scorer = await Scorer.of(build, { threads: run.threads });
  const probabilities = (values: ParameterValues, { values: data, rows, names }: FeatureTable) =>
    scorer.run(values, { features: { data, shape: [rows, names.length] } }, ({ probability }) =>
      probability.data.slice(),
    );
  const { values, history, bestEpoch } = await train(
    {
      loss: (graph) => pivotLoss(graph, standard, mlp),
      steps: Math.ceil(learnFrom.taken.length / mlp.batch),
      batches: (random) => optionBatches(learnFrom, mlp.batch, random),
      validate: async (now) => aucOf(validation, await probabilities(now, validation.features)),
    },
    descent('pivot-acceptance', mlp, run),
  );
  return {
    kind: 'mlp',
    files: [{ name: 'pivot-acceptance.onnx', bytes: exportedModel('pivot-acceptance', build, values, METADATA) }],
    history,
    bestEpoch,
    parameters: parameterCount(values),
    probabilities: (features) => probabilities(values, features),
  };
}

/** One epoch. */
export function* optionBatches(
  { features, taken }: Pick<Part, 'features' | 'taken'>,
  batch: number,
  random: Random,
): Generator<Feeds> {
  const width = features.names.length;
  const order = random.shuffle(Int32Array.from(taken, (_, i) => i));
  for (let from = 0; from < order.length; from += batch) {
    const rows = order.subarray(from, from + batch);
    const data = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      data.set(features.values.subarray(row * width, (row + 1) * width), i * width);
    });
    const shape = [rows.length];
    yield {
      features: { data, shape: [rows.length, width] },
      taken: { data: Float32Array.from(rows, (row) => taken[row]!), shape },
      weights: { data: new Float32Array(rows.length).fill(1), shape },
    };
  }
}
