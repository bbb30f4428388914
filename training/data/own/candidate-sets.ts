/** Logged rankings, read: what was offered, to whom, and how likely each venue was to be shown. */
import { DAY_PARTS, type DayPart } from '../../../core/ranking/ranker.ts';
import { DataError } from '../data-error.ts';
import type { CandidateSet, PersonaSnapshot } from '../dataset.ts';

/** A row of `candidate_sets`, as far as it is read here. */
export interface CandidateSetRow {
  ranking_event_id: string;
  actor_key: string;
  city: string | null;
  kind: string;
  trip_day: number | null;
  day_part: string | null;
  model_version: string;
  ranked_at: Date;
  persona: string | null;
  members: string | null;
  venue_ids: string;
  scores: string;
  propensities: string;
  shown: string;
}

/** Snapshots that say the same are one. */
export class Personas {
  readonly all: PersonaSnapshot[] = [];
  readonly #index = new Map<string, number>();

  indexOf(snapshot: PersonaSnapshot): number {
    const { dimensions, interests } = snapshot;
    const key = JSON.stringify([dimensions, interests]);
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    const index = this.all.push({ dimensions, interests }) - 1;
    this.#index.set(key, index);
    return index;
  }
}

const isDayPart = (text: string | null): text is DayPart => (DAY_PARTS as readonly (string | null)[]).includes(text);

/** @throws DataError where the row contradicts itself. */
export function candidateSetOf(
  row: CandidateSetRow,
  file: string,
  itemOf: (venueId: string) => number,
  personas: Personas,
): CandidateSet {
  const venueIds = JSON.parse(row.venue_ids) as string[];
  const scores = JSON.parse(row.scores) as number[];
  const propensity = JSON.parse(row.propensities) as number[];
  const damaged = (field: string, message: string) =>
    new DataError('damaged', { file, field }, `ranking ${row.ranking_event_id}: ${message}`);
  if (scores.length !== venueIds.length) throw damaged('scores', `${scores.length} for ${venueIds.length} venues`);
  if (propensity.length !== venueIds.length) {
    throw damaged('propensities', `${propensity.length} for ${venueIds.length} venues`);
  }
  const bad = propensity.findIndex((p) => !(p >= 0 && p <= 1));
  if (bad >= 0) throw damaged('propensities', `${propensity[bad]} is no probability`);
  if (!scores.every(Number.isFinite)) throw damaged('scores', 'one is no number');
  const shown = new Uint8Array(venueIds.length);
  for (const i of JSON.parse(row.shown) as number[]) {
    if (!(i in shown)) throw damaged('shown', `${i} is no index of ${venueIds.length} venues`);
    shown[i] = 1;
  }
  const snapshots: PersonaSnapshot[] =
    row.persona !== null ? [JSON.parse(row.persona)] : row.members !== null ? JSON.parse(row.members) : [];
  return {
    id: row.ranking_event_id,
    actor: row.actor_key,
    time: row.ranked_at.getTime(),
    city: row.city ?? '',
    kind: row.kind,
    dayPart: isDayPart(row.day_part) ? row.day_part : null,
    tripDay: row.trip_day,
    modelVersion: row.model_version,
    items: Int32Array.from(venueIds, itemOf),
    scores: Float32Array.from(scores),
    propensity: Float32Array.from(propensity),
    shown,
    personas: Int32Array.from(snapshots, (snapshot) => personas.indexOf(snapshot)),
  };
}
