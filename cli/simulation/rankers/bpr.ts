/**
 * `bpr` as a variant of the simulation. The model has a vector for each traveller that it learned from, and none for others:
 * a new one is the mixture of those, each weighted by how well they explain what the new one took and refused,
 * `w_u ~ prod sigmoid(+- (s_ui - mean_i s_ui))`, a posterior with an even prior.
 */
import { z } from 'zod';
import type { MlRanker } from '../../../core/ranking/ml-ranker.ts';
import { indices } from '../../../platform/inference/check-model.ts';
import { ITEMS, knownItems } from '../../../platform/inference/ml-rankers/known-items.ts';
import { probeRanker } from '../../../platform/inference/ml-rankers/probe-request.ts';
import type { OnnxSession } from '../../../platform/inference/onnx-session.ts';
import type { ServedModel } from '../../../platform/inference/served-model.ts';
import { sameForAllMoments } from './same-for-all-moments.ts';

const FILE = 'bpr.onnx';
const USERS = 'users.json';

export const bprVariant: ServedModel<MlRanker> = {
  name: 'bpr',
  onnx: {
    [FILE]: {
      inputs: { user: indices(null), candidates: indices(null) },
      outputs: ['scores'],
      metadata: { model: 'bpr' },
      described: ['users', 'items'],
    },
  },
  lists: [ITEMS, USERS],
  open(parts) {
    const { session, contents } = parts.part(FILE);
    const items = knownItems(parts, FILE);
    const users = z.array(z.string()).safeParse(parts.list(USERS));
    if (!users.success || users.data.length !== Number(contents.metadata.get('users')))
      throw parts.refuse(USERS, 'no list of the travellers that the file holds');
    const table = scoreTable(session, users.data.length, items.size);
    return {
      modelVersion: parts.modelVersion,
      async rank({ history, candidates, moments }) {
        const past = history.flatMap(({ venueId, accepted }) => {
          const item = items.get(venueId);
          return item === undefined ? [] : [{ item, accepted }];
        });
        const scores = mixture(await table, users.data.length, items.size, past);
        return sameForAllMoments(parts.modelVersion, moments, candidates, ({ id }) => {
          const item = items.get(id);
          return item === undefined ? undefined : scores(item);
        });
      },
    };
  },
  probe: probeRanker,
};

/** [users, items], each user's scores about their mean. */
async function scoreTable(session: OnnxSession, users: number, items: number): Promise<Float32Array> {
  const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
  const out = await session.run({
    user: { type: 'int32', data: all(users), dims: [users] },
    candidates: { type: 'int32', data: all(items), dims: [items] },
  });
  const scores = out.scores!.data;
  for (let u = 0; u < users; u++) {
    const row = scores.subarray(u * items, (u + 1) * items);
    let mean = 0;
    for (const score of row) mean += score / items;
    for (let i = 0; i < items; i++) row[i]! -= mean;
  }
  return scores;
}

/** The score of an item for who has this past. Pure: exported for its test. */
export function mixture(
  table: Float32Array,
  users: number,
  items: number,
  past: readonly { item: number; accepted: boolean }[],
): (item: number) => number {
  const logs = Float64Array.from({ length: users }, (_, u) => {
    let log = 0;
    for (const { item, accepted } of past) {
      const score = table[u * items + item]!;
      log -= Math.log1p(Math.exp(accepted ? -score : score));
    }
    return log;
  });
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (item) => {
    let score = 0;
    for (let u = 0; u < users; u++) score += (weights[u]! / total) * table[u * items + item]!;
    return score;
  };
}
