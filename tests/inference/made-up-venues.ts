/** Venues of all kinds, seeded: the same in Node and in workerd. */
import { Random } from '../../core/experiment/random.ts';
import { MEALS, SETTINGS, type Venue } from '../../core/venue/venue.ts';
import { CATEGORY_NAMES, VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';

export function madeUpVenues(ids: readonly string[], seed: number): Venue[] {
  const random = Random.of(seed, 'made-up-venues');
  const one = <T>(of: readonly T[]): T => of[random.int(of.length)]!;
  return ids.map((id): Venue => {
    const known = random.chance(0.8);
    return {
      id,
      slug: id,
      name: `Venue ${id}`,
      category: one(CATEGORY_NAMES),
      neighbourhood: 'somewhere',
      location: { lat: 47.5 + 0.2 * random.uniform(), lng: -122.4 + 0.2 * random.uniform() },
      priceLevel: random.int(5),
      hours: null,
      meals: random.chance(0.4) ? [one(MEALS)] : [],
      setting: one(SETTINGS),
      visitMinutes: 30 + random.int(180),
      energy: random.uniform(),
      vibeTags: random.shuffle([...VIBE_TAG_NAMES]).slice(0, random.int(6)),
      touristScore: known ? random.uniform() : null,
      localScore: known ? random.uniform() : null,
      crossRefConfidence: random.chance(0.5) ? random.uniform() : null,
      overrated: random.chance(0.1),
      source: 'catalogue',
      firstSeenAt: null,
      closedAt: null,
      version: 1,
    };
  });
}
