/** U-SASRec as the commands see it, and as the scoring head reads it. */
import { VENUE_FEATURES, VENUE_FEATURES_VERSION } from '../../core/venue/venue-features.ts';
import type { Graph } from '../../training/engine/graph.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import { train } from '../../training/engine/train.ts';
import type { EvaluationCase } from '../../training/evaluation/recommender.ts';
import { meanNdcg } from '../../training/evaluation/validation.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import {
  descent,
  type ModelDefinition,
  type TrainContext,
  type TrainedModel,
  type TrainingData,
} from '../../training/model.ts';
import { itemListFile, unseenListFile } from '../id-lists.ts';
import { ownDataOf } from '../own-content.ts';
import { windowBatches, windowsOf } from './batches.ts';
import { type USasrecConfig, uSasrecConfig } from './config.ts';
import { uSasrecLoss, uSasrecScores } from './graph.ts';
import { candidateFeeds, historyFeeds, type Moments, momentsOf } from './sequences.ts';

const BATCH = 128;

export const uSasrec: ModelDefinition<USasrecConfig> = {
  name: 'u-sasrec',
  role: 'default sequence ranker: the next venue for a traveller or a group, of venues new and known',
  config: uSasrecConfig,
  minimum: { unit: 'sequences of 5 or more', count: 500 },
  needs: 'own',
  source: 'Kang and McAuley 2018, with the persona in cross-attention',
  search: {
    width: [32, 64, 128],
    length: [20, 50, 100],
    blocks: [1, 2],
    heads: [1, 2, 4],
    dropout: [0.1, 0.2, 0.3, 0.5],
    id_dropout: [0.1, 0.2, 0.5],
    learning_rate: [0.0005, 0.001, 0.002],
  },
  train: async (data, config, context) => (await trainSequences(data, config, context)).trained,
};

/** What the model makes of the histories before rows of the data set. */
export interface SequenceStates {
  width: number;
  values: ParameterValues;
  /** [items], 1 where training saw the item. */
  trained: Uint8Array;
  moments: Moments;
  /** [rows, width] and the scores [rows, items]. */
  at(rows: readonly number[]): Promise<{ state: Float32Array; scores: Float32Array }>;
}

export async function trainSequences(
  { dataset, train: interactions, validation }: TrainingData,
  config: USasrecConfig,
  context: TrainContext,
): Promise<{ trained: TrainedModel; states: SequenceStates }> {
  const own = ownDataOf(dataset, 'u-sasrec');
  const items = interactions.items.length;
  const moments = momentsOf(dataset.interactions, own);
  const windows = windowsOf(interactions, moments, config.length);
  const names = [...new Set(own.cities)];
  const cities = names.map((name) => Int32Array.from(own.cities.keys()).filter((item) => own.cities[item] === name));
  const trained = new Uint8Array(items);
  for (const item of interactions.item) trained[item] = 1;
  const known = (item: number) => trained[item] === 1;

  const build = (graph: Graph) => uSasrecScores(graph, items, VENUE_FEATURES, config);
  const scorer = await Scorer.of(build, { threads: context.threads });
  const candidates = candidateFeeds([...Array(items).keys()], known);
  const run = async (values: ParameterValues, rows: readonly number[]) => {
    const state = new Float32Array(rows.length * config.width);
    const scores = new Float32Array(rows.length * items);
    for (let from = 0; from < rows.length; from += BATCH) {
      const feeds = { ...historyFeeds(moments, rows.slice(from, from + BATCH), config.length, known), ...candidates };
      await scorer.run(values, feeds, (outputs) => {
        state.set(outputs.state.data, from * config.width);
        scores.set(outputs.scores.data, from * items);
      });
    }
    return { state, scores };
  };
  const score = async (values: ParameterValues, cases: readonly EvaluationCase[]): Promise<Float32Array[]> => {
    const rows = cases.map(({ index }) => index);
    const { scores } = await run(values, rows);
    return rows.map((_, i) => scores.subarray(i * items, (i + 1) * items));
  };

  const options = { length: config.length, batch: config.batch, idDropout: config.id_dropout, cities };
  const { values, history, bestEpoch } = await train(
    {
      loss: (graph) => uSasrecLoss(graph, items, VENUE_FEATURES, config),
      steps: Math.ceil(windows.length / config.batch),
      batches: (random) => windowBatches(windows, moments, options, random),
      validate: validation.length === 0 ? null : (now) => meanNdcg((cases) => score(now, cases), validation, items),
    },
    descent('u-sasrec', config, context),
  );
  const metadata = { model: 'u-sasrec', length: String(config.length), features: VENUE_FEATURES_VERSION };
  return {
    trained: {
      recommender: { name: 'u-sasrec', scoreMeaning: 'next_item', score: (cases) => score(values, cases) },
      files: [
        { name: 'u-sasrec.onnx', bytes: exportedModel('u-sasrec', build, values, metadata) },
        itemListFile(interactions.items),
        unseenListFile(interactions.items.filter((_, item) => !known(item))),
      ],
      history,
      bestEpoch,
      parameters: parameterCount(values),
    },
    states: { width: config.width, values, trained, moments, at: (rows) => run(values, rows) },
  };
}
