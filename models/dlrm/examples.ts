/** Offers as the scoring head is fed them: a venue that could be taken at a moment, by a traveller with a past. */
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import type { Feeds } from '../../training/engine/session.ts';
import type { OwnData } from '../own-content.ts';
import type { SequenceStates } from '../u-sasrec/model.ts';
import { DENSE_FEATURES, GROUPS, writeDense, writeMoment } from './inputs.ts';

export interface Offer {
  /** Of the data set's interactions: whose moment it is. */
  row: number;
  item: number;
  /** [width], what the sequence model makes of the past, and its score of the item. */
  state: Float32Array;
  score: number;
}

/** The inputs of some offers. */
export function offerFeeds(
  offers: readonly Offer[],
  own: OwnData,
  { width, moments }: Pick<SequenceStates, 'width' | 'moments'>,
): Feeds {
  const n = offers.length;
  const state = new Float32Array(n * width);
  const venue = new Float32Array(n * GROUPS.venue);
  const persona = new Float32Array(n * GROUPS.persona);
  const moment = new Float32Array(n * GROUPS.moment);
  const dense = new Float32Array(n * DENSE_FEATURES);
  const content = moments.features.data;
  for (const [i, offer] of offers.entries()) {
    const { row, item } = offer;
    const who = moments.persona[row]!;
    state.set(offer.state, i * width);
    // Row 0 of the features is nobody's.
    venue.set(content.subarray((item + 1) * VENUE_FEATURES, (item + 2) * VENUE_FEATURES), i * GROUPS.venue);
    if (who >= 0) persona.set(moments.personas[who]!, i * PERSONA_VECTOR_LENGTH);
    writeMoment(moments.tripDay[row]!, moments.dayPart[row]!, moment, i * GROUPS.moment);
    writeDense(own.personas[who]?.dimensions ?? null, own.venues[item] ?? null, offer.score, dense, i * DENSE_FEATURES);
  }
  return {
    state: { data: state, shape: [n, width] },
    venue: { data: venue, shape: [n, GROUPS.venue] },
    persona: { data: persona, shape: [n, GROUPS.persona] },
    moment: { data: moment, shape: [n, GROUPS.moment] },
    dense: { data: dense, shape: [n, DENSE_FEATURES] },
  };
}

/** Rows of one run of the sequence model: bounds what their states and scores take. */
const CHUNK = 1024;

/** The offer of each row's own item. */
export async function offersOf(rows: readonly number[], states: SequenceStates): Promise<Offer[]> {
  const { width, moments, at } = states;
  const items = moments.features.shape[0]! - 1;
  const offers: Offer[] = [];
  for (let from = 0; from < rows.length; from += CHUNK) {
    const part = rows.slice(from, from + CHUNK);
    const { state, scores } = await at(part);
    for (const [i, row] of part.entries()) {
      const item = moments.item[row]!;
      offers.push({
        row,
        item,
        state: state.subarray(i * width, (i + 1) * width),
        score: scores[i * items + item]!,
      });
    }
  }
  return offers;
}
