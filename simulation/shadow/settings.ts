/** What a shadow population is made from. The same settings give the same rows, to the byte. */
import { parse, v5 as uuidv5 } from 'uuid';
import type { Venue } from '../../core/venue/venue.ts';

export const SHADOW_LINEAGE = 'synthetic_choice_model_v1';
/** Changes whenever the same seed would give other rows. */
export const SHADOW_VERSION = 'shadow-population@1';
/** The logging policy. */
export const SHADOW_POLICY = 'shadow-policy@1';

export const SHADOW_CITIES = ['new-york', 'mexico-city', 'tokyo'] as const;
/** With fewer, every list of candidates is the same list, and embeddings learn the catalogue by heart. */
export const FEWEST_VENUES = 50;

export const DEFAULT_SEED = 1;
export const DEFAULT_USERS = 765;
export const MOST_USERS = 765;
/** Of the default population; others in proportion. */
export const DEFAULT_TRIPS = 2801;

export interface ShadowSettings {
  version: typeof SHADOW_VERSION;
  /** An integer of 32 bits. */
  seed: number;
  users: number;
  /** The population's today, an ISO date: trips lie before it, but for those that are running or planned. */
  asOf: string;
  /** Catalogue version by city slug. */
  catalogues: Readonly<Record<string, string>>;
}

export const AS_OF = '2026-07-01';

/** A city as the generation needs it. */
export interface ShadowCity {
  id: string;
  slug: string;
  timeZone: string;
  catalogueVersion: string;
  /** Every open venue of the catalogue. */
  venues: readonly Venue[];
}

export interface LeftOutCity {
  slug: string;
  venues: number;
  reason: 'too_few_venues' | 'unknown_city';
}

/** The cities that the population travels to, in the order of `SHADOW_CITIES`, and those that it does without. */
export function choosePlaces(cities: readonly ShadowCity[]): { places: ShadowCity[]; leftOut: LeftOutCity[] } {
  const places: ShadowCity[] = [];
  const leftOut: LeftOutCity[] = [];
  for (const slug of SHADOW_CITIES) {
    const city = cities.find((one) => one.slug === slug);
    const venues = city?.venues.length ?? 0;
    if (city && venues >= FEWEST_VENUES) places.push(city);
    else leftOut.push({ slug, venues, reason: city ? 'too_few_venues' : 'unknown_city' });
  }
  return { places, leftOut };
}

export function shadowSettings(seed: number, users: number, places: readonly ShadowCity[]): ShadowSettings {
  return {
    version: SHADOW_VERSION,
    seed,
    users,
    asOf: AS_OF,
    catalogues: Object.fromEntries(places.map(({ slug, catalogueVersion }) => [slug, catalogueVersion])),
  };
}

const NAMESPACE = parse('5b7d3a0e-2f3c-5a84-9c1d-6d3e0b8f4a17');

/** The id of the `index`-th row of a kind: the same in every run, and in every database. */
export function shadowId(seed: number, kind: string, index: number | string): string {
  return uuidv5(`${seed}/${kind}/${index}`, NAMESPACE);
}
