/** A simple check of a slot's text against the record: names, numbers, and the words that would be plainly false. */
import type { Place, Vocabulary } from './raw-catalogue.ts';

interface Told {
  narrative: string;
  role: string;
  day_part: string;
}

const wordsIn = (text: string) => text.match(/[\p{L}\p{M}\p{N}+]+/gu) ?? [];

/** Words that are true of some slots and places only, and when. */
const CLAIMS: Record<string, (place: Place, slot: Told) => boolean> = {
  breakfast: (_, { role }) => role === 'breakfast',
  lunch: (_, { role }) => role === 'lunch',
  dinner: (_, { role }) => role === 'dinner',
  morning: (_, { day_part }) => day_part === 'morning',
  afternoon: (_, { day_part }) => day_part === 'afternoon',
  evening: (_, { day_part }) => day_part === 'evening',
  free: ({ price, tags }) => price === 0 || tags.includes('free'),
  cheap: ({ price, tags }) => price === 1 || tags.includes('cheap-eats'),
  moderately: ({ price }) => price === 2,
  expensive: ({ price }) => price >= 3,
  indoors: ({ setting }) => setting !== 'outdoor',
  outdoors: ({ setting }) => setting !== 'indoor',
};

/** What is wrong with the text of a slot; empty where nothing is. */
export function falseClaims(slot: Told, place: Place, { categories, vibe_tags }: Vocabulary): string[] {
  const problems: string[] = [];
  if (!slot.narrative.includes(place.name)) problems.push(`does not name ${place.name}`);

  const rest = slot.narrative.replaceAll(place.name, '_').replaceAll(place.neighbourhood, '_');
  const labels = [categories[place.category]?.label ?? '', ...place.tags.map((tag) => vibe_tags[tag]?.label ?? '')];
  const known = new Set([place.name, place.neighbourhood, ...labels].flatMap(wordsIn));
  const year = place.firstSeen?.slice(0, 4);
  if (year) known.add(year).add(String(Number(year)));

  for (const sentence of rest.split(/[.!?]\s+/)) {
    wordsIn(sentence).forEach((word, i) => {
      const startsSentence = i === 0 && !/\p{N}/u.test(word);
      if (/[\p{Lu}\p{N}]/u.test(word) && !startsSentence && !known.has(word))
        problems.push(`"${word}" is not in the record`);
      const holds = CLAIMS[word.toLowerCase()];
      if (holds && !holds(place, slot)) problems.push(`"${word}" is not true here`);
    });
  }
  return problems;
}
