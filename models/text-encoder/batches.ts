/** Pairs of texts about the same venue. */
import type { Random } from '../../core/experiment/random.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { imagined } from '../../training/text/imagined.ts';
import { type Place, TEACHER_WIDTH, teacherVector } from '../../training/text/places.ts';
import { narrated, post, someTags } from '../../training/text/talk.ts';
import type { TextEncoderConfig } from './config.ts';
import { KINDS, type TextFeatures, textBatch, textFeatures, venueText } from './inputs.ts';

const IMAGINED = 0.3;

export function textFeeds(texts: readonly TextFeatures[]): Feeds {
  const { count, length, ids, weights } = textBatch(texts);
  return { ids: { data: ids, shape: [count, length] }, weights: { data: weights, shape: [count, KINDS, length] } };
}

/** Talk that is partly in words without a meaning: what is left (name, part of town, kind) has to find the venue. */
const OPAQUE = 0.4;

/** Talk of the venue in one, its record, its narrative or other talk in the other. */
export function pairOfTexts(place: Place, random: Random): [string, string] {
  const talk = () => {
    const told = 0.3 + 0.7 * random.uniform();
    const opaque = random.chance(OPAQUE) ? random.uniform() : 0;
    return post(place, { wording: 'training', named: random.chance(0.4), told, astray: 0.05, opaque }, random);
  };
  const other = random.uniform();
  const pair: [string, string] = [
    talk(),
    other < 0.6 ? record(place, random) : other < 0.85 ? talk() : narrated(place, random),
  ];
  return random.chance(0.5) ? pair : [pair[1], pair[0]];
}

function record({ venue }: Place, random: Random): string {
  const whole = random.chance(0.5);
  return venueText({
    ...venue,
    name: random.chance(0.7) ? venue.name : '',
    vibeTags: whole ? venue.vibeTags : someTags(venue.vibeTags, 0.8, random),
  });
}

/** One epoch: `pairs` pairs about each place, some of them about imagined ones. */
export function* pairBatches(places: readonly Place[], config: TextEncoderConfig, random: Random): Generator<Feeds> {
  const order = random.shuffle(Int32Array.from({ length: places.length * config.pairs }, (_, i) => i % places.length));
  for (let from = 0; from < order.length; from += config.batch) {
    const venues = order.slice(from, from + config.batch);
    const count = venues.length;
    const texts: TextFeatures[] = [];
    const teacher = new Float32Array(2 * count * TEACHER_WIDTH);
    const ids = new Int32Array(count);
    for (const [row, at] of venues.entries()) {
      const known = places[at]!;
      const made = random.chance(IMAGINED);
      const place = made ? imagined(known, places, random) : known;
      // An imagined venue is the same as no other.
      ids[row] = made ? places.length + row : at;
      texts.push(...pairOfTexts(place, random).map(textFeatures));
      const target = teacherVector(place.venue);
      teacher.set(target, 2 * row * TEACHER_WIDTH);
      teacher.set(target, (2 * row + 1) * TEACHER_WIDTH);
    }
    yield {
      ...textFeeds(texts),
      teacher: { data: teacher, shape: [2 * count, TEACHER_WIDTH] },
      venues: { data: ids, shape: [count] },
      corrections: { data: new Float32Array(count), shape: [count] },
      pair_weights: { data: new Float32Array(count).fill(1), shape: [count] },
    };
  }
}
