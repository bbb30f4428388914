/** Talk about venues, as travellers and locals might write it: made from templates, and said to be so. */
import type { Random } from '../../core/experiment/random.ts';
import { narrate } from '../../core/venue/narrative.ts';
import { VIBE_TAG_NAMES, type VibeTag } from '../../core/venue/vocabulary.ts';
import { categoryWordings } from './category-wordings.ts';
import { invented } from './imagined.ts';
import type { Place } from './places.ts';
import { tagWordings, type Wording } from './tag-wordings.ts';
import { noisy } from './typing.ts';

export interface TalkOptions {
  wording: Wording;
  /** Whether the venue's name is said. */
  named: boolean;
  /** The probability that each of the venue's tags is spoken of. One at least is, where it has any. */
  told: number;
  /** The probability that a post says one thing that the catalogue does not. */
  astray: number;
  /** The probability that something is said in words that mean nothing to anybody. */
  opaque?: number;
}

const NAMED = [
  'went to {name} yesterday',
  '{name} in {hood}',
  'we loved {name}',
  'anyone been to {name}',
  'if you are in {hood} try {name}',
  'my notes on {name}',
  '{name}, {kind}',
  '{name} is the {kind} I tell people about',
];
const UNNAMED = [
  'found this {kind} in {hood}',
  'a {kind} in {hood}',
  'looking for a {kind}',
  'know a good {kind}',
  'this {kind} near {hood}',
  'our {kind} of the day',
  'somewhere in {city}',
  'any tips for {hood}',
];
const SAID = [
  '{it}',
  '{it}',
  'really {it}',
  'also {it}',
  'I would say {it}',
  'my friend told me: {it}',
  'and {it}',
  '{it} for sure',
];
const BESIDES = [
  'we went on a tuesday',
  'would go again',
  'the staff were nice',
  'took the train from the hotel',
  'not far from the station',
  'ask me anything',
  'thanks in advance',
  'second time in {city} for us',
  'my sister recommended it',
  'hope this helps someone',
  'we stayed about an hour',
  'happy travels',
];

function filled(template: string, { venue, city }: Place, random: Random, wording: Wording): string {
  return template
    .replace('{name}', () => venue.name)
    .replace('{hood}', () => venue.neighbourhood)
    .replace('{city}', () => city)
    .replace('{kind}', () => random.pick(categoryWordings(venue.category, wording)));
}

/** The tags that a text speaks of: each with probability `share`, one at least. */
export function someTags(tags: readonly VibeTag[], share: number, random: Random): VibeTag[] {
  const some = tags.filter(() => random.chance(share));
  return some.length > 0 || tags.length === 0 ? some : [random.pick(tags)];
}

/** One post: an opening, what the tags say in some order, and what says nothing of the venue. */
export function post(place: Place, options: TalkOptions, random: Random): string {
  const { wording, named, told, astray, opaque = 0 } = options;
  const tags = random.shuffle(someTags(place.venue.vibeTags, told, random));
  if (random.chance(astray)) tags.push(random.pick(VIBE_TAG_NAMES));
  const inWords = (tag: VibeTag) =>
    random.chance(opaque) ? invented(random).toLowerCase() : random.pick(tagWordings(tag, wording));
  const said = tags.map((tag) => random.pick(SAID).replace('{it}', () => inWords(tag)));
  if (random.chance(0.5))
    said.splice(random.int(said.length + 1), 0, filled(random.pick(BESIDES), place, random, wording));
  const opening = filled(random.pick(named ? NAMED : UNNAMED), place, random, wording);
  const joint = random.pick([', ', '. ', ' - ', ' and ']);
  return noisy([opening, ...said].join(joint), random);
}

/** The offline narrator's sentences for one moment of the day. */
export function narrated({ venue }: Place, random: Random): string {
  const dayPart = random.pick(['morning', 'afternoon', 'evening'] as const);
  return narrate(venue, { dayPart, role: 'activity', variant: random.int(1000) });
}
