/** `bpr`: a traveller's vector against the venues'. It knows the venues that it was trained on, and no others. */
import type { MlRequest } from '../../../core/ranking/ml-ranker.ts';
import { indices } from '../check-model.ts';
import { floatsOf, type OnnxContents } from '../onnx-contents.ts';
import type { ModelParts, ServedModel } from '../served-model.ts';
import { type BprFactors, BprFoldIn } from './bpr-fold-in.ts';
import { ITEMS, knownItems } from './known-items.ts';
import { type ListedRanker, probeListed } from './probe-request.ts';
import { sameForAllMoments } from './same-for-all-moments.ts';

const FILE = 'bpr.onnx';

/** Between the file's score and that of the factors read from it. */
const SAME_SCORE = 1e-3;

interface BprRanker extends ListedRanker {
  /** Rejects where the file scores otherwise than its factors do. */
  compare(): Promise<void>;
}

export const servedBpr: ServedModel<BprRanker> = {
  name: 'bpr',
  onnx: {
    [FILE]: {
      inputs: { user: indices(null), candidates: indices(null) },
      outputs: ['scores'],
      metadata: { model: 'bpr' },
      described: ['users', 'items'],
    },
  },
  lists: [ITEMS],
  open(parts) {
    const { session, contents } = parts.part(FILE);
    const { modelVersion } = parts;
    const items = knownItems(parts, FILE);
    const factors = factorsOf(parts, contents, items.size);
    const foldIn = new BprFoldIn(factors);
    return {
      modelVersion,
      someIds: [...items.keys()].slice(0, 2),
      async rank(request: MlRequest) {
        const past = request.history.flatMap(({ venueId, accepted }) => {
          const item = items.get(venueId);
          return item === undefined ? [] : [{ item, accepted }];
        });
        const u = foldIn.vectorOf(past);
        const scores = request.candidates.flatMap(({ id }): [string, number][] => {
          const item = items.get(id);
          return item === undefined ? [] : [[id, foldIn.score(u, item)]];
        });
        return sameForAllMoments(modelVersion, request, new Map(scores));
      },
      async compare() {
        const asked = Int32Array.from({ length: Math.min(8, items.size) }, (_, item) => item);
        const { scores } = await session.run({
          user: { type: 'int32', data: Int32Array.of(0), dims: [1] },
          candidates: { type: 'int32', data: asked, dims: [asked.length] },
        });
        const first = factors.users.subarray(0, factors.width);
        const same = asked.every((item) => Math.abs(foldIn.score(first, item) - scores!.data[item]!) < SAME_SCORE);
        if (!same) throw new Error('the file does not score as its factors do');
      },
    };
  },
  async probe(ranker) {
    await ranker.compare();
    await probeListed(ranker);
  },
};

function factorsOf(parts: ModelParts, contents: OnnxContents, items: number): BprFactors {
  const table = (name: string, rows: number) => {
    const initializer = contents.initializers.get(name);
    if (initializer?.type !== 'float32' || initializer.dims[0] !== rows || initializer.dims.length !== 2)
      throw parts.refuse(FILE, `no ${name} of ${rows} rows`);
    return { values: floatsOf(initializer), width: initializer.dims[1]! };
  };
  const users = table('user_embedding', Number(contents.metadata.get('users')));
  const venues = table('item_embedding', items);
  const bias = table('item_bias', items);
  if (users.values.length === 0 || items === 0 || users.width !== venues.width || bias.width !== 1)
    throw parts.refuse(FILE, 'the factors of travellers and of venues do not fit together');
  return { width: users.width, users: users.values, items: venues.values, bias: bias.values };
}
