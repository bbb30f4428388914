/**
 * Venues that do not exist: so that rare tags are spoken of, that no name stands for its venue, and that words without
 * any meaning, as names are, still tell one venue from another. Made of training venues only.
 */
import type { Random } from '../../core/experiment/random.ts';
import { VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';
import type { Place } from './places.ts';

const CONSONANTS = [...'bcdfghjklmnprstvwyz'];
const VOWELS = [...'aeiou'];

/** The name and part of town of others, or such as nobody has; one tag left out and one or two put in. */
export function imagined({ venue, city }: Place, training: readonly Place[], random: Random): Place {
  const tags = new Set(venue.vibeTags);
  if (tags.size > 1) tags.delete(random.pick([...tags]));
  for (let n = 1 + random.int(2); n > 0; n--) tags.add(random.pick(VIBE_TAG_NAMES));
  const named = (known: string) => (random.chance(0.5) ? known : invented(random));
  const name = named(random.pick(training).venue.name);
  const neighbourhood = named(random.pick(training).venue.neighbourhood);
  return { venue: { ...venue, name, neighbourhood, vibeTags: [...tags].sort() }, city };
}

/** One or two words of two to four syllables. */
export function invented(random: Random): string {
  const syllable = () =>
    random.pick(CONSONANTS) + random.pick(VOWELS) + (random.chance(0.3) ? random.pick(CONSONANTS) : '');
  const word = () => {
    const letters = Array.from({ length: 2 + random.int(3) }, syllable).join('');
    return letters.charAt(0).toUpperCase() + letters.slice(1);
  };
  return random.chance(0.5) ? word() : `${word()} ${word()}`;
}
