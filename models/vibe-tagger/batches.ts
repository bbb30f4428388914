/** What is known and said of a venue, with the tags that the teacher gave it. */
import type { Random } from '../../core/experiment/random.ts';
import { VENUE_VECTOR_LENGTH, venueVector } from '../../core/venue/venue-vector.ts';
import { VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';
import type { Feeds } from '../../training/engine/session.ts';
import { imagined } from '../../training/text/imagined.ts';
import type { Place } from '../../training/text/places.ts';
import type { Wording } from '../../training/text/tag-wordings.ts';
import { post } from '../../training/text/talk.ts';
import { textFeeds } from '../text-encoder/batches.ts';
import { textFeatures, venueText } from '../text-encoder/inputs.ts';
import type { VibeTaggerConfig } from './config.ts';

const TAGS = VIBE_TAG_NAMES.length;
const IMAGINED = 0.3;
const MOST_POSTS = 6;

/**
 * A record without its tags, then posts, of which each speaks of half of the tags.
 * @param wordings of one post after the other, in turn
 */
export function aboutPlace(place: Place, posts: number, wordings: readonly Wording[], random: Random): string {
  const said = Array.from({ length: posts }, (_, i) => {
    const wording = wordings[i % wordings.length]!;
    return post(place, { wording, named: random.chance(0.3), told: 0.5, astray: 0.05 }, random);
  });
  return [venueText({ ...place.venue, vibeTags: [] }), ...said].join('\n');
}

/** 1 for each of the venue's tags. */
export function tagLabels(places: readonly Place[]): Float32Array {
  const labels = new Float32Array(places.length * TAGS);
  for (const [row, { venue }] of places.entries()) {
    for (const tag of venue.vibeTags) labels[row * TAGS + VIBE_TAG_NAMES.indexOf(tag)] = 1;
  }
  return labels;
}

export function vibesOf(places: readonly Place[]): Float32Array {
  const vibes = new Float32Array(places.length * VENUE_VECTOR_LENGTH);
  for (const [row, { venue }] of places.entries()) vibes.set(venueVector(venue), row * VENUE_VECTOR_LENGTH);
  return vibes;
}

/** One epoch: `texts` texts about each place, some of them about imagined ones. */
export function* tagBatches(places: readonly Place[], config: VibeTaggerConfig, random: Random): Generator<Feeds> {
  const order = random.shuffle(Int32Array.from({ length: places.length * config.texts }, (_, i) => i % places.length));
  for (let from = 0; from < order.length; from += config.batch) {
    const part = Array.from(order.subarray(from, from + config.batch), (at) =>
      random.chance(IMAGINED) ? imagined(places[at]!, places, random) : places[at]!,
    );
    yield labelled(
      part,
      part.map((place) => aboutPlace(place, 1 + random.int(MOST_POSTS), ['training'], random)),
    );
  }
}

export function labelled(places: readonly Place[], texts: readonly string[]): Feeds {
  const n = places.length;
  return {
    ...textFeeds(texts.map(textFeatures)),
    tags: { data: tagLabels(places), shape: [n, TAGS] },
    tag_weights: { data: new Float32Array(n * TAGS).fill(1), shape: [n, TAGS] },
    teacher: { data: vibesOf(places), shape: [n, VENUE_VECTOR_LENGTH] },
    text_weights: { data: new Float32Array(n).fill(1), shape: [n] },
  };
}
