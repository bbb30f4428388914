/** The sentences of options, out of records and times and nothing else. */
import type { Leg } from '../itinerary/travel.ts';
import type { Venue } from '../venue/venue.ts';
import { CATEGORY_PHRASES } from '../venue/venue-phrases.ts';

/** `14:05`; past midnight the clock begins anew. */
export function clock(minutes: number): string {
  const ofDay = minutes % (24 * 60);
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`;
}

export function wayPhrase({ minutes, mode }: Leg): string {
  return `${minutes} minute${minutes === 1 ? '' : 's'} ${mode === 'walk' ? 'on foot' : 'by transit'}`;
}

/** "Elliott Bay Books, a bookshop in Capitol Hill" */
export function placePhrase({ name, category, neighbourhood }: Venue): string {
  const where = neighbourhood && neighbourhood !== name ? ` in ${neighbourhood}` : '';
  return `${name}, ${CATEGORY_PHRASES[category]}${where}`;
}

/** "A", "A and B", "A, B and C" */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
