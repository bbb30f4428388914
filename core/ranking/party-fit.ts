/** Whether a place takes a party at all, and how well. */
import type { Venue } from '../venue/venue.ts';
import { CATEGORIES } from '../venue/vocabulary.ts';
import type { PartyKind } from './ranker.ts';

/** Parties of this size find no room at a counter or in a standing bar. */
const LARGE_PARTY = 6;

export interface Party {
  kind: PartyKind;
  size: number;
}

/** A rule, not a preference: no bars and nothing for adults only with children, no counters for large parties. */
export function takesParty(venue: Venue, party: Party): boolean {
  if (party.kind === 'family' && (CATEGORIES[venue.category].nightlife || venue.vibeTags.includes('adults-only'))) {
    return false;
  }
  const tight = venue.vibeTags.includes('counter-seating') || venue.vibeTags.includes('standing-bar');
  return !(party.size >= LARGE_PARTY && tight);
}

/** How well a place suits the party, in [-1, 1]. */
export function partyFit(venue: Venue, party: Party): number {
  const has = (tag: (typeof venue.vibeTags)[number]) => (venue.vibeTags.includes(tag) ? 1 : 0);
  switch (party.kind) {
    case 'family':
      return has('kid-friendly') + 0.5 * has('animals') - 0.5 * has('fine-dining') - 0.3 * has('quiet');
    case 'couple':
      return 0.8 * has('romantic') + 0.3 * has('view') - 0.4 * has('loud');
    case 'friends':
      return 0.6 * has('lively') + 0.4 * has('games') - 0.4 * has('romantic') - 0.3 * has('counter-seating');
    case 'business':
      return 0.4 * has('modern-design') + 0.3 * has('quiet') - 0.6 * has('queue-worthy') - 0.3 * has('dive');
    case 'solo':
      return 0.6 * has('counter-seating') + 0.3 * has('standing-bar') - 0.5 * has('romantic');
  }
}
