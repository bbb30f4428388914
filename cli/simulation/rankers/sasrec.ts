/** `sasrec` as a variant of the simulation: what was taken, in its order, and nothing else. */
import type { MlRanker } from '../../../core/ranking/ml-ranker.ts';
import { writeHistory } from '../../../models/sasrec/inputs.ts';
import { indices } from '../../../platform/inference/check-model.ts';
import { ITEMS, knownItems } from '../../../platform/inference/ml-rankers/known-items.ts';
import { probeRanker } from '../../../platform/inference/ml-rankers/probe-request.ts';
import type { ServedModel } from '../../../platform/inference/served-model.ts';
import { sameForAllMoments } from './same-for-all-moments.ts';

const FILE = 'sasrec.onnx';

export const sasrecVariant: ServedModel<MlRanker> = {
  name: 'sasrec',
  onnx: {
    [FILE]: {
      inputs: { history: indices(null, null), candidates: indices(null) },
      outputs: ['scores'],
      metadata: { model: 'sasrec' },
      described: ['length', 'items'],
    },
  },
  lists: [ITEMS],
  open(parts) {
    const { session, contents } = parts.part(FILE);
    const items = knownItems(parts, FILE);
    const length = Number(contents.metadata.get('length'));
    return {
      modelVersion: parts.modelVersion,
      async rank({ history, candidates, moments }) {
        const taken = history.flatMap(({ venueId, accepted }) => (accepted ? (items.get(venueId) ?? []) : []));
        const data = new Int32Array(length);
        writeHistory(taken, length, data, 0);
        const known = candidates.flatMap(({ id }) => items.get(id) ?? []);
        const scores = new Map<number, number>();
        if (known.length > 0) {
          const ids = Int32Array.from(known, (item) => item + 1);
          const out = await session.run({
            history: { type: 'int32', data, dims: [1, length] },
            candidates: { type: 'int32', data: ids, dims: [ids.length] },
          });
          for (const [i, item] of known.entries()) scores.set(item, out.scores!.data[i]!);
        }
        return sameForAllMoments(parts.modelVersion, moments, candidates, ({ id }) => scores.get(items.get(id) ?? -1));
      },
    };
  },
  probe: probeRanker,
};
