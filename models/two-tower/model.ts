/** The two towers as the commands see them. */

import type { Random } from '../../core/experiment/random.ts';
import { PERSONA_VECTOR_LENGTH, personaEmbedding } from '../../core/persona/persona-vector.ts';
import { VENUE_FEATURES, VENUE_FEATURES_VERSION } from '../../core/venue/venue-features.ts';
import type { Interactions } from '../../training/data/dataset.ts';
import type { Graph, Tensor } from '../../training/engine/graph.ts';
import { type ParameterValues, parameterCount } from '../../training/engine/parameter-values.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { train } from '../../training/engine/train.ts';
import type { EvaluationCase } from '../../training/evaluation/recommender.ts';
import { meanNdcg } from '../../training/evaluation/validation.ts';
import { exportedModel, Scorer } from '../../training/frozen-model.ts';
import { descent, type ModelDefinition } from '../../training/model.ts';
import { contentOf, ownDataOf } from '../own-content.ts';
import { type TwoTowerConfig, twoTowerConfig } from './config.ts';
import { frozenTextEncoder } from './frozen-text-encoder.ts';
import { itemTower, twoTowerLoss, userTower } from './graph.ts';
import {
  ITEM_FEATURES,
  ITEM_FEATURES_VERSION,
  TEXT_WIDTH,
  TOWER_WIDTH,
  USER_FEATURES,
  writeItem,
  writeUser,
} from './inputs.ts';

const BATCH = 512;

export const twoTower: ModelDefinition<TwoTowerConfig> = {
  name: 'two-tower',
  role: 'retrieval: the venues that are worth ranking, new ones among them',
  config: twoTowerConfig,
  minimum: { unit: 'interactions', count: 500 },
  needs: 'own',
  source: 'Yi et al. 2019',
  search: {
    hidden: [[64], [128], [256], [128, 64]],
    temperature: [0.05, 0.1, 0.2],
    dropout: [0, 0.1, 0.3],
    learning_rate: [0.0003, 0.001, 0.003],
  },

  async train({ dataset, train: interactions, validation }, config, context) {
    const own = ownDataOf(dataset, 'two-tower');
    const content = contentOf(own);
    const features = own.venues.map((_, item) => content.subarray(item * VENUE_FEATURES, (item + 1) * VENUE_FEATURES));
    const personas = own.personas.map(({ dimensions, interests }) => personaEmbedding(dimensions, interests));
    const nobody = new Float32Array(PERSONA_VECTOR_LENGTH);
    const personaAt = (row: number) => personas[own.context.persona[row]!] ?? nobody;
    const rows = takenRows(interactions, features);

    const scorer = await Scorer.of(
      (graph) => ({ user_vector: userTower(graph, config), item_vector: itemTower(graph, config) }),
      {
        threads: context.threads,
      },
    );
    const text = await frozenTextEncoder(config.text_encoder);
    const items = itemRows(features, await text.vectorsOf(own.venues));
    const item = { data: items, shape: [features.length, ITEM_FEATURES] };
    const score = async (values: ParameterValues, cases: readonly EvaluationCase[]): Promise<Float32Array[]> => {
      const scores: Float32Array[] = [];
      for (let from = 0; from < cases.length; from += BATCH) {
        const part = cases.slice(from, from + BATCH);
        const data = new Float32Array(part.length * USER_FEATURES);
        for (const [i, { history, index }] of part.entries()) {
          writeUser(
            personaAt(index),
            Array.from(history, (each) => features[each]!),
            data,
            i * USER_FEATURES,
          );
        }
        await scorer.run(values, { user: { data, shape: [part.length, USER_FEATURES] }, item }, (outputs) => {
          for (const i of part.keys())
            scores.push(cosines(outputs.user_vector.data, i, outputs.item_vector.data, features.length));
        });
      }
      return scores;
    };

    const { values, history, bestEpoch } = await train(
      {
        loss: (graph) => twoTowerLoss(graph, config),
        steps: Math.ceil(rows.length / config.batch),
        batches: (random) => batches(rows, items, personaAt, config.batch, random),
        validate:
          validation.length === 0 ? null : (now) => meanNdcg((cases) => score(now, cases), validation, features.length),
      },
      descent('two-tower', config, context),
    );
    const file = (
      name: string,
      build: (graph: Graph) => { vector: Tensor },
      metadata: Record<string, string> = {},
    ) => ({
      name: `${name}.onnx`,
      bytes: exportedModel(name, build, values, {
        model: 'two-tower',
        features: VENUE_FEATURES_VERSION,
        ...metadata,
      }),
    });
    return {
      recommender: { name: 'two-tower', score: (cases) => score(values, cases) },
      files: [
        file('user-tower', (graph) => ({ vector: userTower(graph, config) })),
        file('item-tower', (graph) => ({ vector: itemTower(graph, config) }), { items: ITEM_FEATURES_VERSION }),
        { name: 'text-encoder.onnx', bytes: text.bytes },
      ],
      history,
      bestEpoch,
      parameters: parameterCount(values),
    };
  },
};

interface TakenRow {
  /** Of the data set. */
  row: number;
  item: number;
  weight: number;
  /** Features of what the traveller had taken before, averaged. */
  before: Float32Array;
  /** -log of the item's share of what was taken. */
  correction: number;
}

/** [items, ITEM_FEATURES] */
function itemRows(features: readonly Float32Array[], texts: Float32Array): Float32Array {
  const rows = new Float32Array(features.length * ITEM_FEATURES);
  for (const [i, own] of features.entries()) {
    writeItem(own, texts.subarray(i * TEXT_WIDTH, (i + 1) * TEXT_WIDTH), rows, i * ITEM_FEATURES);
  }
  return rows;
}

function takenRows(train: Interactions, features: readonly Float32Array[]): TakenRow[] {
  const counts = new Float64Array(train.items.length);
  let total = 0;
  for (let i = 0; i < train.item.length; i++) {
    if (!train.accepted[i]) continue;
    counts[train.item[i]!]!++;
    total++;
  }
  const rows: TakenRow[] = [];
  let user = -1;
  let taken = 0;
  let sum = new Float32Array(VENUE_FEATURES);
  for (let i = 0; i < train.user.length; i++) {
    if (train.user[i] !== user) {
      user = train.user[i]!;
      taken = 0;
      sum = new Float32Array(VENUE_FEATURES);
    }
    if (!train.accepted[i]) continue;
    const item = train.item[i]!;
    if (train.weight[i]! > 0) {
      rows.push({
        row: train.rows?.[i] ?? i,
        item,
        weight: train.weight[i]!,
        before: taken === 0 ? sum.slice() : sum.map((x) => x / taken),
        correction: -Math.log(counts[item]! / total),
      });
    }
    taken++;
    for (let j = 0; j < VENUE_FEATURES; j++) sum[j]! += features[item]![j]!;
  }
  return rows;
}

function* batches(
  all: readonly TakenRow[],
  items: Float32Array,
  personaAt: (row: number) => Float32Array,
  batch: number,
  random: Random,
): Generator<Feeds> {
  const order = random.shuffle([...all]);
  for (let from = 0; from < order.length; from += batch) {
    const part = order.slice(from, from + batch);
    const user = new Float32Array(part.length * USER_FEATURES);
    const item = new Float32Array(part.length * ITEM_FEATURES);
    for (const [i, { row, before, item: taken }] of part.entries()) {
      writeUser(personaAt(row), [before], user, i * USER_FEATURES);
      item.set(items.subarray(taken * ITEM_FEATURES, (taken + 1) * ITEM_FEATURES), i * ITEM_FEATURES);
    }
    const shape = [part.length];
    yield {
      user: { data: user, shape: [part.length, USER_FEATURES] },
      item: { data: item, shape: [part.length, ITEM_FEATURES] },
      item_ids: { data: Int32Array.from(part, (one) => one.item), shape },
      corrections: { data: Float32Array.from(part, (one) => one.correction), shape },
      weights: { data: Float32Array.from(part, (one) => one.weight), shape },
    };
  }
}

/** [items]: of vectors of unit length. */
function cosines(users: Float32Array, user: number, items: Float32Array, count: number): Float32Array {
  const scores = new Float32Array(count);
  for (let item = 0; item < count; item++) {
    let sum = 0;
    for (let j = 0; j < TOWER_WIDTH; j++) sum += users[user * TOWER_WIDTH + j]! * items[item * TOWER_WIDTH + j]!;
    scores[item] = sum;
  }
  return scores;
}
