/** What U-SASRec is fed, wherever it runs: the history row by row, and what is known of the moment to be filled. */
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { DAY_PARTS, type DayPart } from '../../core/ranking/ranker.ts';

/** A group is up to eight travellers; one of more is ranked for the eight nearest to its centre. */
export const MOST_PERSONAS = 8;
/** Ids of the item table: what pads a history, every venue that training did not see, and the start of every history. */
export const PADDING = 0;
export const UNKNOWN = 1;
export const START = 2;
export const FIRST_ITEM = 3;
/** Row 0 of the features is zeros, for padding and start. */
export const NO_CONTENT = 0;

/** 0 is padding. */
export const ACTIONS = { accepted: 1, refused: 2 } as const;

const MOST_TRIP_DAYS = 14;
export const TRIP_DAY_KINDS = MOST_TRIP_DAYS + 1;
export const DAY_PART_KINDS = DAY_PARTS.length + 1;

/** 1 to 14, later days as the 14th; 0 not known. */
export function tripDayKind(tripDay: number | null): number {
  return tripDay === null || tripDay < 1 ? 0 : Math.min(tripDay, MOST_TRIP_DAYS);
}

/** From 1; 0 not known. */
export function dayPartKind(dayPart: DayPart | null): number {
  return dayPart === null ? 0 : DAY_PARTS.indexOf(dayPart) + 1;
}

/** Upper ends in hours. */
const GAPS = [2, 5, 14, 36, 24 * 7, 24 * 60] as const;
export const GAP_KINDS = GAPS.length + 2;

/** Time since the interaction before, from under 2 hours (1) to over 60 days; 0 where there was none. */
export function gapKind(milliseconds: number | null): number {
  if (milliseconds === null) return 0;
  const hours = milliseconds / 3_600_000;
  const at = GAPS.findIndex((end) => hours < end);
  return (at < 0 ? GAPS.length : at) + 1;
}

/** Rows [8 * 128] of the personas, and [8] which of them there are. */
export function writePersonas(
  personas: readonly Float32Array[],
  rows: Float32Array,
  present: Float32Array,
  group: number,
): void {
  for (const [i, persona] of personas.slice(0, MOST_PERSONAS).entries()) {
    rows.set(persona, (group * MOST_PERSONAS + i) * PERSONA_VECTOR_LENGTH);
    present[group * MOST_PERSONAS + i] = 1;
  }
}
