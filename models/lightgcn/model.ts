/** LightGCN as the commands see it: a challenger that is only ever run in shadow. */
import type { Graph } from '../../training/engine/graph.ts';
import type { Link } from '../../training/engine/linked-step.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { train } from '../../training/engine/train.ts';
import type { EvaluationCase } from '../../training/evaluation/recommender.ts';
import { meanNdcg } from '../../training/evaluation/validation.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import { descent, type ModelDefinition } from '../../training/model.ts';
import { notTakenOf, pairBatches, takenRows } from '../bpr/pairs.ts';
import { itemListFile, userListFile } from '../id-lists.ts';
import { type LightgcnConfig, lightgcnConfig } from './config.ts';
import { lightgcnLoss, lightgcnScores } from './graph.ts';
import { interactionGraph, propagate } from './propagation.ts';

const TABLE = 'node_embedding';

export const lightgcn: ModelDefinition<LightgcnConfig> = {
  name: 'lightgcn',
  role: 'challenger for travellers with many interactions, in shadow only',
  config: lightgcnConfig,
  minimum: { unit: 'interactions', count: 500 },
  needs: 'interactions',
  source: 'He et al. 2020',
  search: {
    width: [32, 64, 128],
    layers: [1, 2, 3],
    regularisation: [1e-5, 1e-4, 1e-3],
    learning_rate: [0.001, 0.003, 0.01],
  },

  async train({ dataset, train: interactions, validation }, config, context) {
    const users = interactions.users.length;
    const items = interactions.items.length;
    const { width, layers } = config;
    const taken = [...takenRows(interactions)];
    const known = new Map(taken.map((row) => [interactions.user[row]! * items + interactions.item[row]!, row]));
    const graph = interactionGraph(
      users,
      items,
      [...known.values()].map((row) => [interactions.user[row]!, interactions.item[row]!] as const),
    );
    const passed = (table: Float32Array) => propagate(graph, table, width, layers);
    const link: Link = {
      forward: (learned, parameters) => parameters.get(TABLE)!.set(passed(learned.get(TABLE)!)),
      backward: (gradients) => new Map([[TABLE, passed(gradients.get(TABLE)!)]]),
    };
    const propagated = (values: ParameterValues): ParameterValues => new Map([[TABLE, passed(values.get(TABLE)!)]]);

    const build = (of: Graph) => ({ scores: lightgcnScores(of, graph.nodes, config) });
    const scorer = await Scorer.of(build, context);
    const candidates = { data: Int32Array.from({ length: items }, (_, item) => users + item), shape: [items] };
    const score = (values: ParameterValues, cases: readonly EvaluationCase[]): Promise<Float32Array[]> => {
      const user = { data: Int32Array.from(cases, (one) => one.user), shape: [cases.length] };
      return scorer.run(values, { user, candidates }, ({ scores: { data } }) =>
        cases.map((_, row) => data.slice(row * items, (row + 1) * items)),
      );
    };

    const notTaken = notTakenOf(interactions, dataset);
    const { values, history, bestEpoch } = await train(
      {
        loss: (of) => lightgcnLoss(of, graph.nodes, config),
        link,
        steps: Math.ceil(taken.length / config.batch),
        *batches(random) {
          for (const feeds of pairBatches(interactions, notTaken, config.batch, random)) yield asNodes(feeds, users);
        },
        validate:
          validation.length === 0
            ? null
            : (now) => {
                const table = propagated(now);
                return meanNdcg((cases) => score(table, cases), validation, items);
              },
      },
      descent('lightgcn', config, context),
    );
    const final = propagated(values);
    return {
      recommender: { name: 'lightgcn', score: (cases) => score(final, cases) },
      files: [
        {
          name: 'lightgcn.onnx',
          bytes: exportedModel('lightgcn', build, final, { model: 'lightgcn', users: String(users) }),
        },
        itemListFile(interactions.items),
        userListFile(interactions.users),
      ],
      history,
      bestEpoch,
      parameters: parameterCount(values),
    };
  },
};

/** Items as nodes, which come after the users. */
function asNodes(feeds: Feeds, users: number): Feeds {
  const moved = (name: 'better' | 'worse') => {
    const { data, shape } = feeds[name]!;
    return { data: (data as Int32Array).map((item) => users + item), shape };
  };
  return { ...feeds, better: moved('better'), worse: moved('worse') };
}
