/** The DLRM head on the states of U-SASRec, as the commands see it. */
import type { Random } from '../../core/experiment/random.ts';
import { VENUE_FEATURES_VERSION } from '../../core/venue/venue-features.ts';
import type { Graph } from '../../training/engine/graph.ts';
import { affine, sigmoid } from '../../training/engine/operators/arithmetic.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { train } from '../../training/engine/train.ts';
import { outcomeCases } from '../../training/evaluation/cases.ts';
import type { EvaluationCase } from '../../training/evaluation/recommender.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import { descent, type ModelDefinition } from '../../training/model.ts';
import { ownDataOf } from '../own-content.ts';
import { uSasrecConfig } from '../u-sasrec/config.ts';
import { trainSequences } from '../u-sasrec/model.ts';
import { plattLine } from './calibration.ts';
import { type DlrmConfig, dlrmConfig } from './config.ts';
import { type Offer, offerFeeds, offersOf } from './examples.ts';
import { dlrmLogits, dlrmLoss } from './graph.ts';
import { DENSE_FEATURES, GROUPS } from './inputs.ts';
import { servingFiles } from './serving-files.ts';

const BATCH = 4096;

export const dlrm: ModelDefinition<DlrmConfig> = {
  name: 'dlrm',
  role: 'scoring head on the sequence state: the probability that a venue is taken when it is shown',
  config: dlrmConfig,
  minimum: { unit: 'interactions', count: 1000 },
  needs: 'own',
  source: 'Naumov et al. 2019; calibrated as in Platt 1999',
  search: { width: [16, 32, 64], dropout: [0, 0.1, 0.3], learning_rate: [0.0003, 0.001, 0.003] },

  async train(data, config, context) {
    const { dataset, train: interactions, validation } = data;
    const own = ownDataOf(dataset, 'dlrm');
    const decided = [...interactions.accepted.keys()].filter((i) => interactions.weight[i]! > 0);
    if (new Set(decided.map((i) => interactions.accepted[i])).size < 2) {
      throw new RangeError('dlrm: everything was taken, or everything refused; there is nothing to tell apart');
    }
    const sequence = uSasrecConfig.parse(config.sequence);
    const sequences = await trainSequences(data, sequence, context);
    const { states } = sequences;
    const features = { groups: { state: states.width, ...GROUPS }, dense: DENSE_FEATURES };
    const rowOf = (i: number) => interactions.rows?.[i] ?? i;
    const offers = await offersOf(decided.map(rowOf), states);
    const labels = Float32Array.from(decided, (i) => interactions.accepted[i]!);
    const weights = Float32Array.from(decided, (i) => interactions.weight[i]!);
    const outcomes = outcomeCases(dataset, validation);
    const held = await offersOf(
      outcomes.map(({ index }) => index),
      states,
    );
    const heldLabels = outcomes.map(({ accepted }) => (accepted ? 1 : 0));

    const scorer = await Scorer.of((graph) => ({ logits: dlrmLogits(graph, features, config) }), context);
    const logitsOf = async (values: ParameterValues, of: readonly Offer[]): Promise<Float32Array> => {
      const logits = new Float32Array(of.length);
      for (let from = 0; from < of.length; from += BATCH) {
        await scorer.run(values, offerFeeds(of.slice(from, from + BATCH), own, states), (outputs) => {
          logits.set(outputs.logits.data, from);
        });
      }
      return logits;
    };

    const { values, history, bestEpoch } = await train(
      {
        loss: (graph) => dlrmLoss(graph, features, config),
        steps: Math.ceil(offers.length / config.batch),
        batches: (random) =>
          batches(offers, labels, weights, (of) => offerFeeds(of, own, states), config.batch, random),
        validate: held.length === 0 ? null : async (now) => -logLoss(await logitsOf(now, held), heldLabels),
      },
      descent('dlrm', config, context),
    );
    const line = plattLine(await logitsOf(values, held), heldLabels);
    const probability = (logit: number) => 1 / (1 + Math.exp(-(line.slope * logit + line.offset)));

    const score = async (cases: readonly EvaluationCase[]): Promise<Float32Array[]> => {
      const scores: Float32Array[] = [];
      for (const one of cases) {
        const all = new Float32Array(own.venues.length).fill(Number.NEGATIVE_INFINITY);
        const candidates = one.candidates ?? Int32Array.from(all.keys());
        const logits = await logitsOf(values, await candidateOffers(one, candidates));
        for (const [i, item] of candidates.entries()) all[item] = logits[i]!;
        scores.push(all);
      }
      return scores;
    };
    const candidateOffers = async ({ index }: EvaluationCase, candidates: Int32Array): Promise<Offer[]> => {
      const { state, scores } = await states.at([index]);
      return Array.from(candidates, (item) => ({ row: index, item, state, score: scores[item]! }));
    };
    const acceptance = async (cases: readonly EvaluationCase[]): Promise<Float32Array> => {
      const logits = await logitsOf(
        values,
        await offersOf(
          cases.map(({ index }) => index),
          states,
        ),
      );
      return logits.map(probability);
    };

    const build = (graph: Graph) => ({
      probability: sigmoid(affine(dlrmLogits(graph, features, config), line.slope, line.offset)),
    });
    const metadata = { model: 'dlrm', features: VENUE_FEATURES_VERSION };
    const { heads } = sequence;
    const serving = { sequence: states.values, heads, head: values, line, trained: states.trained };
    return {
      recommender: { name: 'dlrm', score, acceptance },
      files: [
        { name: 'dlrm.onnx', bytes: exportedModel('dlrm', build, values, metadata) },
        ...sequences.trained.files,
        ...servingFiles(serving),
      ],
      history,
      bestEpoch,
      parameters: parameterCount(values) + sequences.trained.parameters,
    };
  },
};

function* batches(
  offers: readonly Offer[],
  labels: Float32Array,
  weights: Float32Array,
  feedsOf: (offers: readonly Offer[]) => Feeds,
  batch: number,
  random: Random,
): Generator<Feeds> {
  const order = random.shuffle(Int32Array.from(offers.keys()));
  for (let from = 0; from < order.length; from += batch) {
    const part = order.subarray(from, from + batch);
    const shape = [part.length];
    yield {
      ...feedsOf(Array.from(part, (i) => offers[i]!)),
      labels: { data: Float32Array.from(part, (i) => labels[i]!), shape },
      weights: { data: Float32Array.from(part, (i) => weights[i]!), shape },
    };
  }
}

function logLoss(logits: Float32Array, labels: readonly number[]): number {
  let sum = 0;
  for (const [i, label] of labels.entries()) {
    const x = logits[i]!;
    sum += Math.max(x, 0) - x * label + Math.log1p(Math.exp(-Math.abs(x)));
  }
  return sum / labels.length;
}
