/** Our own logs as U-SASRec reads them: what each traveller took and refused, and the moment that each was for. */
import { PERSONA_VECTOR_LENGTH, personaEmbedding } from '../../core/persona/persona-vector.ts';
import { DAY_PARTS } from '../../core/ranking/ranker.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';
import type { Interactions } from '../../training/data/dataset.ts';
import type { Feed, Feeds } from '../../training/engine/session.ts';
import { contentOf, type OwnData } from '../own-content.ts';
import {
  ACTIONS,
  dayPartKind,
  FIRST_ITEM,
  gapKind,
  MOST_PERSONAS,
  NO_CONTENT,
  PADDING,
  START,
  tripDayKind,
  UNKNOWN,
  writePersonas,
} from './inputs.ts';

/** Columns by row of the data set's interactions, and the tables that they point to. */
export interface Moments {
  item: Int32Array;
  /** Of the item: an index of the cities. */
  city: Int32Array;
  action: Int32Array;
  tripDay: Int32Array;
  dayPart: Int32Array;
  /** Since the traveller's interaction before. */
  gap: Int32Array;
  /** First row of the row's user. */
  begin: Int32Array;
  /** Which embedding was the traveller's; -1 not known. */
  persona: Int32Array;
  personas: readonly Float32Array[];
  /** [items + 1, VENUE_FEATURES]: item i in row i + 1. */
  features: Feed;
}

export function momentsOf({ user, item, time, accepted }: Interactions, own: OwnData): Moments {
  const n = user.length;
  const cities = [...new Set(own.cities)];
  const cityOf = own.cities.map((city) => cities.indexOf(city));
  const begin = new Int32Array(n);
  const gap = new Int32Array(n);
  for (let row = 0; row < n; row++) {
    const first = row === 0 || user[row] !== user[row - 1];
    begin[row] = first ? row : begin[row - 1]!;
    gap[row] = gapKind(first ? null : time[row]! - time[row - 1]!);
  }
  const features = new Float32Array((own.venues.length + 1) * VENUE_FEATURES);
  features.set(contentOf(own), VENUE_FEATURES);
  return {
    item,
    city: Int32Array.from(item, (each) => cityOf[each]!),
    action: Int32Array.from(accepted, (taken) => (taken ? ACTIONS.accepted : ACTIONS.refused)),
    tripDay: Int32Array.from(own.context.tripDay, (day) => tripDayKind(day || null)),
    dayPart: Int32Array.from(own.context.dayPart, (part) => dayPartKind(DAY_PARTS[part] ?? null)),
    gap,
    begin,
    persona: own.context.persona,
    personas: own.personas.map(({ dimensions, interests }) => personaEmbedding(dimensions, interests)),
    features: { data: features, shape: [own.venues.length + 1, VENUE_FEATURES] },
  };
}

/**
 * The inputs for histories that end before the rows `until`: every position is what was done (or the start), with the
 * moment of the row after it. The last position is the one that `until` itself follows.
 * @param known whether the item of a row is shown by its id, or by its content alone
 */
export function historyFeeds(
  moments: Moments,
  until: readonly number[],
  length: number,
  known: (item: number) => boolean,
): Record<string, Feed> {
  const size = until.length * length;
  const ids = new Int32Array(size).fill(PADDING);
  const rows = new Int32Array(size).fill(NO_CONTENT);
  const action = new Int32Array(size);
  const tripDay = new Int32Array(size);
  const dayPart = new Int32Array(size);
  const gap = new Int32Array(size);
  const personas = new Float32Array(until.length * MOST_PERSONAS * PERSONA_VECTOR_LENGTH);
  const present = new Float32Array(until.length * MOST_PERSONAS);
  for (const [place, end] of until.entries()) {
    const own = moments.personas[moments.persona[end]!];
    if (own) writePersonas([own], personas, present, place);
    const begin = moments.begin[end]!;
    for (let row = Math.max(begin - 1, end - length); row < end; row++) {
      const at = (place + 1) * length - (end - row);
      if (row < begin) ids[at] = START;
      else {
        const item = moments.item[row]!;
        ids[at] = known(item) ? item + FIRST_ITEM : UNKNOWN;
        rows[at] = item + 1;
        action[at] = moments.action[row]!;
      }
      tripDay[at] = moments.tripDay[row + 1]!;
      dayPart[at] = moments.dayPart[row + 1]!;
      gap[at] = row < begin ? 0 : moments.gap[row + 1]!;
    }
  }
  const column = (data: Int32Array): Feed => ({ data, shape: [size] });
  return {
    history_ids: column(ids),
    history_rows: column(rows),
    action: column(action),
    trip_day: column(tripDay),
    day_part: column(dayPart),
    gap: column(gap),
    features: moments.features,
    personas: { data: personas, shape: [until.length, MOST_PERSONAS, PERSONA_VECTOR_LENGTH] },
    persona_present: { data: present, shape: [until.length, MOST_PERSONAS] },
  };
}

/** Ids and feature rows of candidates [candidates]. */
export function candidateFeeds(items: ArrayLike<number>, known: (item: number) => boolean): Feeds {
  const shape = [items.length];
  const ids = Int32Array.from(items, (item) => (known(item) ? item + FIRST_ITEM : UNKNOWN));
  return {
    candidate_ids: { data: ids, shape },
    candidate_rows: { data: Int32Array.from(items, (item) => item + 1), shape },
  };
}
