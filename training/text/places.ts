/** The venues of the catalogues as the text models learn of them, and which of them they never see. */
import { Random } from '../../core/experiment/random.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { venueVector } from '../../core/venue/venue-vector.ts';
import { CATEGORY_NAMES, VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';
import { type CatalogueFile, readCatalogues } from '../../platform/database/city-catalogues.ts';
import { venueRows } from '../../platform/database/seed-cities.ts';

/** A venue and the city that it lies in. */
export interface Place {
  venue: Venue;
  city: string;
}

export interface PlaceSplit {
  training: readonly Place[];
  validation: readonly Place[];
  test: readonly Place[];
}

const VALIDATION_SHARE = 0.12;
const TEST_SHARE = 0.25;

/** @returns also what they were read from: `city@version` of each catalogue */
export async function cataloguePlaces(): Promise<{ places: Place[]; sources: string[] }> {
  const files = (await readCatalogues()).filter(({ city }) => city.venues.length > 0);
  return {
    places: files.flatMap(placesOf),
    sources: files.map(({ city, version }) => `${city.slug}@${version}`),
  };
}

function placesOf(file: CatalogueFile): Place[] {
  return venueRows(file).map(({ lat, lng, overratedFlag, ...row }) => ({
    venue: { ...row, location: { lat, lng }, overrated: overratedFlag, version: 1 },
    city: file.city.name,
  }));
}

/** By venue; those of one name (branches, chains) stay together, so that no name of the test was seen in training. */
export function splitPlaces(places: readonly Place[], seed: number): PlaceSplit {
  const byName = new Map<string, Place[]>();
  for (const place of places) {
    const name = place.venue.name.toLowerCase();
    byName.set(name, [...(byName.get(name) ?? []), place]);
  }
  const groups = Random.of(seed, 'text/split').shuffle([...byName.values()]);
  const test = Math.round(groups.length * TEST_SHARE);
  const validation = test + Math.round(groups.length * VALIDATION_SHARE);
  return {
    test: groups.slice(0, test).flat(),
    validation: groups.slice(test, validation).flat(),
    training: groups.slice(validation).flat(),
  };
}

export const TEACHER_WIDTH = 64 + VIBE_TAG_NAMES.length + CATEGORY_NAMES.length;
const CATEGORY_WEIGHT = 0.5;

/**
 * What the catalogue knows of a venue, as a point of unit length: its vector of dimensions and themes, its vibe tags
 * (together of length 1), its category. [TEACHER_WIDTH]
 */
export function teacherVector(venue: Venue): Float32Array {
  const vector = new Float32Array(TEACHER_WIDTH);
  vector.set(venueVector(venue));
  for (const tag of venue.vibeTags)
    vector[64 + VIBE_TAG_NAMES.indexOf(tag)] = 1 / Math.sqrt(Math.max(1, venue.vibeTags.length));
  vector[64 + VIBE_TAG_NAMES.length + CATEGORY_NAMES.indexOf(venue.category)] = CATEGORY_WEIGHT;
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map((x) => x / length);
}
