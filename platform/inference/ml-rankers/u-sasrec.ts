/**
 * `u-sasrec` alone: the log odds that a venue is what comes next at a moment, of the persona, the venues' content and all that
 * was taken and refused. One run for all moments, a history each (`dlrm` shares one among them: it has to be fast).
 */
import { PERSONA_VECTOR_LENGTH, personaEmbedding } from '../../../core/persona/persona-vector.ts';
import type { MlRanker, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { VENUE_FEATURES, VENUE_FEATURES_VERSION } from '../../../core/venue/venue-features.ts';
import {
  ACTIONS,
  dayPartKind,
  FIRST_ITEM,
  gapKind,
  MOST_PERSONAS,
  NO_CONTENT,
  START,
  tripDayKind,
  UNKNOWN,
  writePersonas,
} from '../../../models/u-sasrec/inputs.ts';
import { floats, indices } from '../check-model.ts';
import type { TensorIn } from '../onnx-session.ts';
import type { ServedModel } from '../served-model.ts';
import { ITEMS, knownItems, seenItems, UNSEEN } from './known-items.ts';
import { cutLogits, probeRanker } from './probe-request.ts';
import { contentOf } from './venue-content.ts';

const FILE = 'u-sasrec.onnx';

export const servedUSasrec: ServedModel<MlRanker> = {
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
        personas: floats(null, MOST_PERSONAS, PERSONA_VECTOR_LENGTH),
        persona_present: floats(null, MOST_PERSONAS),
        candidate_ids: indices(null),
        candidate_rows: indices(null),
      },
      outputs: ['scores'],
      metadata: { model: 'u-sasrec', features: VENUE_FEATURES_VERSION },
      described: ['length'],
    },
  },
  lists: [ITEMS, UNSEEN],
  open(parts) {
    const { session, contents } = parts.part(FILE);
    const { modelVersion } = parts;
    const rows = contents.initializers.get('item_embedding')?.dims[0];
    const listed = knownItems(parts, FILE).size;
    if (rows !== listed + FIRST_ITEM) throw parts.refuse(ITEMS, `${listed} venues for a table of ${rows} rows`);
    const items = seenItems(parts, FILE);
    const length = Number(contents.metadata.get('length'));
    if (!(Number.isInteger(length) && length > 0)) throw parts.refuse(FILE, `reads a history of ${length}`);
    return {
      modelVersion,
      async rank(request) {
        const { scores } = await session.run(feeds(request, length, items));
        return { modelVersion, logits: cutLogits(scores!.data, request.moments.length, request.candidates.length) };
      },
    };
  },
  probe: probeRanker,
};

/** What the file reads, the same as in training: each moment's history ends with the moment after it. */
function feeds(
  { persona, history, historyVenues, candidates, moments }: MlRequest,
  length: number,
  items: ReadonlyMap<string, number>,
): Record<string, TensorIn> {
  const content = new ContentRows();
  const idOf = (venueId: string) => {
    const item = items.get(venueId);
    return item === undefined ? UNKNOWN : item + FIRST_ITEM;
  };
  // Zeros are padding, in every column.
  const size = moments.length * length;
  const column = () => new Int32Array(size);
  const [ids, rows, action, tripDay, dayPart, gap] = [column(), column(), column(), column(), column(), column()];
  const past = (['start', ...history] as const).slice(-length);
  for (const [m, moment] of moments.entries()) {
    for (const [i, entry] of past.entries()) {
      const at = (m + 1) * length - past.length + i;
      const after = past[i + 1];
      const next = after === undefined || after === 'start' ? moment : after;
      tripDay[at] = tripDayKind(next.tripDay);
      dayPart[at] = dayPartKind(next.dayPart);
      if (entry === 'start') {
        ids[at] = START;
        continue;
      }
      ids[at] = idOf(entry.venueId);
      rows[at] = content.rowOf(historyVenues.get(entry.venueId));
      action[at] = entry.accepted ? ACTIONS.accepted : ACTIONS.refused;
      gap[at] = gapKind(next.at - entry.at);
    }
  }
  const personas = new Float32Array(moments.length * MOST_PERSONAS * PERSONA_VECTOR_LENGTH);
  const present = new Float32Array(moments.length * MOST_PERSONAS);
  const own = personaEmbedding(persona.dimensions, persona.interests);
  for (const m of moments.keys()) writePersonas([own], personas, present, m);
  const candidateRows = Int32Array.from(candidates, (venue) => content.rowOf(venue));
  const int32 = (data: Int32Array): TensorIn => ({ type: 'int32', data, dims: [data.length] });
  return {
    features: content.table(),
    history_ids: int32(ids),
    history_rows: int32(rows),
    action: int32(action),
    trip_day: int32(tripDay),
    day_part: int32(dayPart),
    gap: int32(gap),
    personas: { type: 'float32', data: personas, dims: [moments.length, MOST_PERSONAS, PERSONA_VECTOR_LENGTH] },
    persona_present: { type: 'float32', data: present, dims: [moments.length, MOST_PERSONAS] },
    candidate_ids: int32(Int32Array.from(candidates, ({ id }) => idOf(id))),
    candidate_rows: int32(candidateRows),
  };
}

/** The content of the venues of one request, a row each; a venue without a record has none. */
class ContentRows {
  readonly #rows = new Map<Venue, number>();

  rowOf(venue: Venue | undefined): number {
    if (!venue) return NO_CONTENT;
    const row = this.#rows.get(venue) ?? this.#rows.size + 1;
    this.#rows.set(venue, row);
    return row;
  }

  table(): TensorIn {
    const data = new Float32Array((this.#rows.size + 1) * VENUE_FEATURES);
    for (const [venue, row] of this.#rows) data.set(contentOf(venue), row * VENUE_FEATURES);
    return { type: 'float32', data, dims: [this.#rows.size + 1, VENUE_FEATURES] };
  }
}
