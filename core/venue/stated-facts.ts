/** A closed-vocabulary check of text that a language model wrote about a venue. */
import type { NarrativeContext } from './narrative.ts';
import type { Venue } from './venue.ts';
import {
  agePhrase,
  CATEGORY_PHRASES,
  PRICE_PHRASES,
  serves,
  settingPhrase,
  standingPhrase,
  tagPhrase,
} from './venue-phrases.ts';
import { CATEGORIES, VIBE_TAGS } from './vocabulary.ts';

/** Longer text is refused, whatever it says. */
export const LONGEST_NARRATIVE = 320;

/**
 * Words that claim nothing of a venue by themselves. No negation, no comparison, no number, no praise: with those a
 * sentence of licensed words could say the opposite of the record, or more than it.
 */
export const NEUTRAL_WORDS = (
  'a an the this that it its is are has have here there and or with in at on of for to from by as where which while ' +
  'your you go goes come take takes start spend stop stay sit see look find try enjoy visit plan make offer offers bring ' +
  'brings part place spot town city time day trip moment some both also then'
).split(' ');

const NEUTRAL = new Set(NEUTRAL_WORDS);

/** Words of labels that may stand only inside their phrase: alone they could turn another statement round. */
const ONLY_IN_PHRASES = new Set(['no', 'not', 'only', 'before', 'more', 'than', 'rather', 'very', 'least', 'other']);

const PLAIN_CHARACTERS = /^[\p{L}\p{M}\p{N}\s.,;:'’()&/+–—-]*$/u;

const normalise = (text: string) => text.normalize('NFKC').toLowerCase().replace(/[’‘]/g, "'").replace(/\s+/g, ' ');

const wordsOf = (text: string) => normalise(text).match(/[\p{L}\p{M}\p{N}]+(?:'[\p{L}]+)?/gu) ?? [];

/** Plural, participle and adverb endings off: `queues` and `queue`, `priced` and `prices` are one word. */
export function stem(word: string): string {
  const bare = word.replace(/'s?$/, '');
  for (const [ending, replacement] of ENDINGS) {
    if (bare.endsWith(ending) && bare.length - ending.length >= 3) return bare.slice(0, -ending.length) + replacement;
  }
  return bare;
}
const ENDINGS = [
  ['ies', 'y'],
  ['ing', ''],
  ['ed', ''],
  ['ly', ''],
  ['es', ''],
  ['s', ''],
  ['e', ''],
] as const;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whole statements of the record, in the narrator's words. They stand or fall as one. */
function licensedPhrases(venue: Venue): string[] {
  return [
    venue.name,
    venue.neighbourhood,
    CATEGORY_PHRASES[venue.category],
    CATEGORIES[venue.category].label,
    ...venue.vibeTags.flatMap((tag) => [
      tagPhrase(venue, tag).join(' '),
      tagPhrase(venue, tag)[1],
      VIBE_TAGS[tag].label,
    ]),
    PRICE_PHRASES[venue.priceLevel] ?? '',
    settingPhrase(venue) ?? '',
    standingPhrase(venue) ?? '',
    agePhrase(venue) ?? '',
  ].filter(Boolean);
}

const PRICE_WORDS = [
  ['free'],
  ['cheap', 'inexpensive'],
  ['moderate', 'mid-priced'],
  ['expensive'],
  ['expensive'],
] as const;
const SETTING_WORDS = {
  indoor: ['indoors', 'indoor'],
  outdoor: ['outdoors', 'outdoor'],
  mixed: ['indoors', 'outdoors'],
};

/** Single words that the record and the slot license, stemmed. */
function licensedWords(venue: Venue, { dayPart, role }: Pick<NarrativeContext, 'dayPart' | 'role'>): Set<string> {
  const said = [
    CATEGORY_PHRASES[venue.category],
    CATEGORIES[venue.category].label,
    ...venue.vibeTags.flatMap((tag) => [tag, VIBE_TAGS[tag].label, tagPhrase(venue, tag).join(' ')]),
    ...(PRICE_WORDS[venue.priceLevel] ?? []),
    ...SETTING_WORDS[venue.setting],
    dayPart,
    role === 'activity' ? '' : `${role} meal`,
    serves(venue) ? 'serves eat drink' : '',
    venue.firstSeenAt ? `since ${venue.firstSeenAt.slice(0, 4)}` : '',
  ];
  return new Set(
    said
      .flatMap(wordsOf)
      .filter((word) => !ONLY_IN_PHRASES.has(word))
      .map(stem),
  );
}

/**
 * Whether every word and number of the text is licensed: by the venue's name and neighbourhood (each as a whole), by
 * the labels and phrases of its category, tags, price, setting, age and standing, by the slot, or by being one of the
 * `NEUTRAL_WORDS`. Anything else, markup, line breaks and text over `LONGEST_NARRATIVE` characters are refused. It
 * cannot tell whether licensed words are joined in a licensed way; their list is kept so that little harm can be done.
 */
export function statesOnlyFacts(
  text: string,
  venue: Venue,
  context: Pick<NarrativeContext, 'dayPart' | 'role'>,
): boolean {
  if (text.trim() === '' || text.length > LONGEST_NARRATIVE || /[\r\n]/.test(text)) return false;
  let rest = normalise(text);
  for (const phrase of licensedPhrases(venue)
    .map(normalise)
    .sort((a, b) => b.length - a.length)) {
    rest = rest.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped(phrase)}(?:'s)?(?![\\p{L}\\p{N}])`, 'gu'), ' , ');
  }
  if (!PLAIN_CHARACTERS.test(rest)) return false;
  const licensed = licensedWords(venue, context);
  return wordsOf(rest).every((word) => NEUTRAL.has(word.replace(/'s$/, '')) || licensed.has(stem(word)));
}
