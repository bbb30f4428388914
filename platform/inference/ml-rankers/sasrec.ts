/** `sasrec`: what was taken, in its order, and nothing else. It knows the venues that it was trained on, and no others. */
import type { MlRequest } from '../../../core/ranking/ml-ranker.ts';
import { writeHistory } from '../../../models/sasrec/inputs.ts';
import { indices } from '../check-model.ts';
import type { ServedModel } from '../served-model.ts';
import { ITEMS, knownItems } from './known-items.ts';
import { type ListedRanker, probeListed } from './probe-request.ts';
import { sameForAllMoments } from './same-for-all-moments.ts';

const FILE = 'sasrec.onnx';

export const servedSasrec: ServedModel<ListedRanker> = {
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
    const { modelVersion } = parts;
    const items = knownItems(parts, FILE);
    const length = Number(contents.metadata.get('length'));
    if (!(Number.isInteger(length) && length > 0)) throw parts.refuse(FILE, `reads a history of ${length}`);
    const itemsOf = (ids: readonly string[]) => ids.flatMap((id) => items.get(id) ?? []);
    return {
      modelVersion,
      someIds: [...items.keys()].slice(0, 2),
      async rank(request: MlRequest) {
        const { history, candidates } = request;
        const known = candidates.map(({ id }) => id).filter((id) => items.has(id));
        if (known.length === 0) return sameForAllMoments(modelVersion, request, new Map());
        const past = new Int32Array(length);
        const taken = history.filter(({ accepted }) => accepted).map(({ venueId }) => venueId);
        writeHistory(itemsOf(taken), length, past, 0);
        const asked = Int32Array.from(itemsOf(known), (item) => item + 1);
        const { scores } = await session.run({
          history: { type: 'int32', data: past, dims: [1, length] },
          candidates: { type: 'int32', data: asked, dims: [asked.length] },
        });
        return sameForAllMoments(modelVersion, request, new Map(known.map((id, i) => [id, scores!.data[i]!])));
      },
    };
  },
  probe: probeListed,
};
