/** The offline narrator: a sentence or two on a slot of an itinerary, out of the venue's record and nothing else. */
import type { DayPart } from '../ranking/ranker.ts';
import type { Meal, Venue } from './venue.ts';
import {
  agePhrase,
  CATEGORY_PHRASES,
  PRICE_PHRASES,
  settingPhrase,
  standingPhrase,
  tagPhrase,
} from './venue-phrases.ts';
import type { VibeTag } from './vocabulary.ts';

export const OFFLINE_NARRATOR_VERSION = 'offline-narrator@1';

export interface NarrativeContext {
  dayPart: DayPart;
  /** What the slot is for. */
  role: 'activity' | Meal;
  /** Any integer: neighbouring slots with different variants read differently. */
  variant: number;
}

/** Tags beside which the price need not be told. */
const SAYS_PRICE: ReadonlySet<VibeTag> = new Set(['free', 'cheap-eats', 'splurge', 'fine-dining']);

/** FNV-1a: spreads variants, so that the same variant does not mean the same wording at every venue. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function opening(venue: Venue, { dayPart, role }: NarrativeContext, pick: number): string {
  const { name } = venue;
  const what = CATEGORY_PHRASES[venue.category];
  const where = venue.neighbourhood && venue.neighbourhood !== name ? ` in ${venue.neighbourhood}` : '';
  const wordings =
    role === 'activity'
      ? [
          `${capitalised(dayPart)} stop: ${name}, ${what}${where}.`,
          `Spend part of the ${dayPart} at ${name}, ${what}${where}.`,
          `${name} is ${what}${where}, on the plan for the ${dayPart}.`,
          `The ${dayPart} takes you to ${name}, ${what}${where}.`,
        ]
      : [
          `${capitalised(role)} is at ${name}, ${what}${where}.`,
          `For ${role}: ${name}, ${what}${where}.`,
          `${name}, ${what}${where}, is the place for ${role}.`,
          `Have ${role} at ${name}, ${what}${where}.`,
        ];
  return wordings[pick % wordings.length]!;
}

/** Adjectives may share a verb ("is cosy and quiet"), so may phrases that begin alike ("is for readers and for film lovers"). */
function sharesVerb(first: readonly [string, string], second: readonly [string, string]): boolean {
  const kind = (rest: string) => /^(an?|for|on|run|worth|good|open)\b/.exec(rest)?.[1] ?? '';
  return first[0] === second[0] && kind(first[1]) === kind(second[1]);
}

/** "is cosy and has a view": one phrase for each tag, at most two. */
function predicate(venue: Venue, tags: readonly VibeTag[]): string {
  const [first, second] = tags.map((tag) => tagPhrase(venue, tag));
  if (!first) return '';
  if (!second) return first.join(' ');
  return `${first.join(' ')} and ${sharesVerb(first, second) ? second[1] : second.join(' ')}`;
}

function secondSentence(venue: Venue, pick: number): string {
  const turn = pick % Math.max(1, venue.vibeTags.length);
  const tags = [...venue.vibeTags.slice(turn), ...venue.vibeTags.slice(0, turn)].slice(0, 2);
  const price = tags.some((tag) => SAYS_PRICE.has(tag)) ? null : (PRICE_PHRASES[venue.priceLevel] ?? null);
  const setting = settingPhrase(venue);
  const age = agePhrase(venue);
  const asides = [standingPhrase(venue), age && `it ${age}`, price && `it ${price}`, setting && `it ${setting}`].filter(
    (aside) => aside !== null,
  );

  const vibe = predicate(venue, tags);
  const aside = asides[Math.floor(pick / 2) % Math.max(1, asides.length)];
  if (!vibe) return aside ? `${capitalised(aside)}.` : '';
  return aside && pick % 3 !== 0 ? `It ${vibe}; ${aside}.` : `It ${vibe}.`;
}

/**
 * One or two sentences that state only what the record holds; what it does not hold goes unsaid. Deterministic: the
 * same venue and context give the same text, and `statesOnlyFacts` accepts it.
 */
export function narrate(venue: Venue, context: NarrativeContext): string {
  const pick = (spread(venue.slug) % 997) + Math.abs(Math.trunc(context.variant));
  return [opening(venue, context, pick), secondSentence(venue, pick)].filter(Boolean).join(' ');
}
