/** `u-sasrec` as a variant of the simulation: what was taken and refused, the moments, the persona, the venues' content. */
import { personaEmbedding } from '../../../core/persona/persona-vector.ts';
import type { MlMoment, MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { VENUE_FEATURES, VENUE_FEATURES_VERSION, venueFeatures } from '../../../core/venue/venue-features.ts';
import { ACTIONS, dayPartKind, gapKind, tripDayKind } from '../../../models/u-sasrec/inputs.ts';
import { candidateFeeds, historyFeeds, type Moments } from '../../../models/u-sasrec/sequences.ts';
import { floats, indices } from '../../../platform/inference/check-model.ts';
import { ITEMS, knownItems } from '../../../platform/inference/ml-rankers/known-items.ts';
import { probeRanker } from '../../../platform/inference/ml-rankers/probe-request.ts';
import type { TensorIn } from '../../../platform/inference/onnx-session.ts';
import type { ServedModel } from '../../../platform/inference/served-model.ts';

const FILE = 'u-sasrec.onnx';

export const uSasrecVariant: ServedModel<MlRanker> = {
  name: 'u-sasrec',
  onnx: {
    [FILE]: {
      inputs: {
        features: floats(null, VENUE_FEATURES),
        history_ids: indices(null),
        history_rows: indices(null),
        action: indices(null),
        trip_day: indices(null),
        day_part: indices(null),
        gap: indices(null),
        personas: floats(null, null, null),
        persona_present: floats(null, null),
        candidate_ids: indices(null),
        candidate_rows: indices(null),
      },
      outputs: ['scores'],
      metadata: { model: 'u-sasrec', features: VENUE_FEATURES_VERSION },
      described: ['length'],
    },
  },
  lists: [ITEMS],
  open(parts) {
    const { session, contents } = parts.part(FILE);
    const length = Number(contents.metadata.get('length'));
    const table = new ContentTable(knownItems(parts, FILE));
    return {
      modelVersion: parts.modelVersion,
      async rank(request) {
        const { moments, candidates } = request;
        const rows = candidates.map((venue) => table.rowOf(venue.id, venue));
        const logits: Float32Array[] = [];
        for (const moment of moments) {
          const lived = momentsOf(request, moment, length, table);
          const history = historyFeeds(lived, [lived.item.length - 1], length, table.known);
          const { scores } = await session.run(tensors({ ...history, ...candidateFeeds(rows, table.known) }));
          if (!scores!.data.every(Number.isFinite)) throw new Error(`${parts.modelVersion}: a score is not finite`);
          logits.push(scores!.data);
        }
        return { modelVersion: parts.modelVersion, logits };
      },
    };
  },
  probe: probeRanker,
};

/** Rows of content by item, the model's own first; venues that it never saw come behind. */
class ContentTable {
  readonly #items: Map<string, number>;
  readonly #ownItems: number;
  #features: Float32Array;

  constructor(items: ReadonlyMap<string, number>) {
    this.#items = new Map(items);
    this.#ownItems = items.size;
    this.#features = new Float32Array((items.size + 1) * VENUE_FEATURES);
  }

  readonly known = (item: number) => item < this.#ownItems;

  rowOf(id: string, venue: Venue | undefined): number {
    let item = this.#items.get(id);
    if (item === undefined) {
      item = this.#items.size;
      this.#items.set(id, item);
      const grown = new Float32Array((item + 2) * VENUE_FEATURES);
      grown.set(this.#features);
      this.#features = grown;
    }
    const at = (item + 1) * VENUE_FEATURES;
    // The bias of every venue's content is never 0 throughout: a row of zeros was not filled yet.
    if (venue && this.#features.subarray(at, at + VENUE_FEATURES).every((x) => x === 0)) {
      this.#features.set(venueFeatures(venue), at);
    }
    return item;
  }

  get features(): Moments['features'] {
    return { data: this.#features, shape: [this.#features.length / VENUE_FEATURES, VENUE_FEATURES] };
  }
}

/** The past as rows of a data set, and the moment that is to be filled as the row behind it. */
function momentsOf(
  { history, historyVenues, persona }: MlRequest,
  moment: MlMoment,
  length: number,
  table: ContentTable,
): Moments {
  const past = history.slice(-length);
  const rows = [...past, { ...moment, venueId: null, accepted: false }];
  const before = history.length > past.length ? history[history.length - past.length - 1]!.at : null;
  return {
    item: Int32Array.from(rows, ({ venueId }) =>
      venueId === null ? 0 : table.rowOf(venueId, historyVenues.get(venueId)),
    ),
    city: new Int32Array(rows.length),
    action: Int32Array.from(rows, ({ accepted }) => (accepted ? ACTIONS.accepted : ACTIONS.refused)),
    tripDay: Int32Array.from(rows, ({ tripDay }) => tripDayKind(tripDay)),
    dayPart: Int32Array.from(rows, ({ dayPart }) => dayPartKind(dayPart)),
    gap: Int32Array.from(rows, ({ at }, i) => {
      const last = i > 0 ? rows[i - 1]!.at : before;
      return gapKind(last === null ? null : at - last);
    }),
    begin: new Int32Array(rows.length),
    persona: new Int32Array(rows.length),
    personas: [personaEmbedding(persona.dimensions, persona.interests)],
    features: table.features,
  };
}

function tensors(
  feeds: Readonly<Record<string, { data: unknown; shape: readonly number[] }>>,
): Record<string, TensorIn> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => {
      const type = data instanceof Float32Array ? 'float32' : 'int32';
      return [name, { type, data: data as Int32Array | Float32Array, dims: shape }];
    }),
  );
}
