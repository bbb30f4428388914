/** BPR as the commands see it. */
import type { Graph } from '../../training/engine/graph.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import { train } from '../../training/engine/train.ts';
import type { EvaluationCase } from '../../training/evaluation/recommender.ts';
import { meanNdcg } from '../../training/evaluation/validation.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import { descent, type ModelDefinition } from '../../training/model.ts';
import { itemListFile, userListFile } from '../id-lists.ts';
import { type BprConfig, bprConfig } from './config.ts';
import { bprLoss, bprScores } from './graph.ts';
import { notTakenOf, pairBatches, takenRows } from './pairs.ts';

export const bpr: ModelDefinition<BprConfig> = {
  name: 'bpr',
  role: 'phase 2 ranker: what a traveller likes, from what they took and what they refused',
  config: bprConfig,
  minimum: { unit: 'interactions', count: 500 },
  needs: 'interactions',
  source: 'Rendle et al. 2009',
  search: { width: [16, 32, 64, 128], learning_rate: [0.001, 0.003, 0.01], weight_decay: [0, 0.003, 0.01, 0.03, 0.1] },

  async train({ dataset, train: interactions, validation }, config, context) {
    const users = interactions.users.length;
    const items = interactions.items.length;
    const notTaken = notTakenOf(interactions, dataset);
    const build = (graph: Graph) => ({ scores: bprScores(graph, users, items, config) });
    const scorer = await Scorer.of(build, { threads: context.threads });
    const candidates = { data: Int32Array.from({ length: items }, (_, item) => item), shape: [items] };

    const score = (values: ParameterValues, cases: readonly EvaluationCase[]): Promise<Float32Array[]> => {
      const user = { data: Int32Array.from(cases, (one) => one.user), shape: [cases.length] };
      return scorer.run(values, { user, candidates }, ({ scores: { data } }) =>
        cases.map((_, row) => data.slice(row * items, (row + 1) * items)),
      );
    };

    const { values, history, bestEpoch } = await train(
      {
        loss: (graph) => bprLoss(graph, users, items, config),
        steps: Math.ceil([...takenRows(interactions)].length / config.batch),
        batches: (random) => pairBatches(interactions, notTaken, config.batch, random),
        validate: validation.length === 0 ? null : (now) => meanNdcg((cases) => score(now, cases), validation, items),
      },
      descent('bpr', config, context),
    );
    const metadata = { model: 'bpr', users: String(users), items: String(items) };
    return {
      recommender: { name: 'bpr', score: (cases) => score(values, cases) },
      files: [
        { name: 'bpr.onnx', bytes: exportedModel('bpr', build, values, metadata) },
        itemListFile(interactions.items),
        userListFile(interactions.users),
      ],
      history,
      bestEpoch,
      parameters: parameterCount(values),
    };
  },
};
