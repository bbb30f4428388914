/** SASRec as the commands see it. */

import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import { train } from '../../training/engine/train.ts';
import type { EvaluationCase, Recommender } from '../../training/evaluation/recommender.ts';
import { meanNdcg } from '../../training/evaluation/validation.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import { takenByUser } from '../../training/histories.ts';
import { descent, type ModelDefinition } from '../../training/model.ts';
import { itemListFile } from '../id-lists.ts';
import { sasrecBatches, windowCount } from './batches.ts';
import { type SasrecConfig, sasrecConfig } from './config.ts';
import { sasrecLoss, sasrecScores } from './graph.ts';
import { writeHistory } from './inputs.ts';

const BATCH = 256;

export const sasrec: ModelDefinition<SasrecConfig> = {
  name: 'sasrec',
  role: 'sequence ranker: the next place from the order of those before',
  config: sasrecConfig,
  minimum: { unit: 'sequences of 5 or more', count: 500 },
  needs: 'interactions',
  source: 'Kang and McAuley 2018; softmax loss: Klenitskiy and Vasilev 2023',
  search: {
    width: [32, 64, 128],
    length: [20, 50, 100, 200],
    blocks: [1, 2, 3],
    heads: [1, 2, 4],
    dropout: [0.1, 0.2, 0.3, 0.5],
    learning_rate: [0.0005, 0.001, 0.002],
  },

  async train({ train: interactions, validation }, config, context) {
    const items = interactions.items.length;
    const histories = takenByUser(interactions);
    const build = (graph: Parameters<typeof sasrecScores>[0]) => ({ scores: sasrecScores(graph, items, config) });
    const scorer = await Scorer.of(build, { threads: context.threads });
    const all = Int32Array.from({ length: items }, (_, item) => item + 1);

    const score = async (values: ParameterValues, cases: readonly EvaluationCase[]): Promise<Float32Array[]> => {
      const scores: Float32Array[] = [];
      for (let from = 0; from < cases.length; from += BATCH) {
        const part = cases.slice(from, from + BATCH);
        const history = new Int32Array(part.length * config.length);
        for (const [row, { history: past }] of part.entries()) {
          writeHistory(past, config.length, history, row * config.length);
        }
        const feeds = {
          history: { data: history, shape: [part.length, config.length] },
          candidates: { data: all, shape: [items] },
        };
        await scorer.run(values, feeds, ({ scores: { data } }) => {
          for (let row = 0; row < part.length; row++) scores.push(data.slice(row * items, (row + 1) * items));
        });
      }
      return scores;
    };

    const { values, history, bestEpoch } = await train(
      {
        loss: (graph) => sasrecLoss(graph, items, config),
        steps: Math.ceil(windowCount(histories, config.length) / config.batch),
        batches: (random) => sasrecBatches(histories, items, config, random),
        validate: validation.length === 0 ? null : (now) => meanNdcg((cases) => score(now, cases), validation, items),
      },
      descent('sasrec', config, context),
    );
    const recommender: Recommender = {
      name: 'sasrec',
      scoreMeaning: config.loss === 'ce' ? 'next_item' : 'order',
      score: (cases) => score(values, cases),
    };
    const metadata = { model: 'sasrec', length: String(config.length), items: String(items) };
    return {
      recommender,
      files: [
        { name: 'sasrec.onnx', bytes: exportedModel('sasrec', build, values, metadata) },
        itemListFile(interactions.items),
      ],
      history,
      bestEpoch,
      parameters: parameterCount(values),
    };
  },
};
