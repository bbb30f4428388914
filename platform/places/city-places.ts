/** The venues of a city that has no catalogue of ours, from the places provider. */
import { v5 as uuidv5 } from 'uuid';
import { type PlacesVenue, placeSchema, venueFromPlace } from '../../core/venue/places-venue.ts';
import type { PlacesApi, TextSearch } from './places-api.ts';
import {
  type CachedAnswer,
  type PlacesCacheOptions,
  readCache,
  readThroughCache,
  refreshTomorrow,
} from './places-cache.ts';
import { type PlacesFailureCode, PlacesUnavailable } from './places-unavailable.ts';

/** Seven kinds at two pages of 20: enough for 200 candidates once doubles and closed places are out. */
const SEARCHES = ['restaurants', 'cafes', 'museums', 'parks', 'bars', 'markets', 'landmarks'] as const;
type Search = (typeof SEARCHES)[number];

/** Makes a place's UUID from its id at the provider. */
const PLACE_NAMESPACE = 'a3a3f2a5-1d0b-5c39-9d0b-7f6c2f0f7c11';

export interface PlacesCity {
  slug: string;
  name: string;
  bounds: TextSearch['within'];
}

export interface CityPlacesDeps extends PlacesCacheOptions {
  api: PlacesApi;
}

export interface CityPlaces {
  /** In the order of the searches, each in the provider's order; none twice. */
  venues: PlacesVenue[];
  /** Pages that could not be had. The rest of the list is none the worse. */
  failures: { search: Search; page: number; code: PlacesFailureCode }[];
}

interface Page extends CachedAnswer {
  search: Search;
  page: 1 | 2;
}

/**
 * At most 14 calls, none where the cache is fresh. All first pages are asked for before any second one, so that a short
 * budget still gives a bit of everything.
 *
 * Rejects with a `PlacesUnavailable`, that of the first search, if not one page can be had.
 */
export async function fetchCityPlaces(city: PlacesCity, deps: CityPlacesDeps): Promise<CityPlaces> {
  const first = await settle(SEARCHES.map((search) => readFirstPage(city, deps, search)));
  if (first.pages.length === 0) throw first.failures[0]?.cause;
  const second = await settle(first.pages.map((page) => readSecondPage(city, deps, page)));

  const pages = [...first.pages, ...second.pages].sort((a, b) => order(a) - order(b));
  const venues = new Map<string, PlacesVenue>();
  for (const { answer } of pages) {
    for (const raw of answer.places) {
      const place = placeSchema.safeParse(raw).data;
      if (!place || venues.has(place.id)) continue;
      const venue = venueFromPlace(place, uuidv5(place.id, PLACE_NAMESPACE), city.name);
      if (venue) venues.set(place.id, venue);
    }
  }
  const failures = [...first.failures, ...second.failures].map(({ search, page, cause }) => {
    return { search, page, code: cause.code };
  });
  return { venues: [...venues.values()], failures };
}

const order = ({ search, page }: Page): number => SEARCHES.indexOf(search) * 2 + page;

async function readFirstPage(city: PlacesCity, deps: CityPlacesDeps, search: Search): Promise<Page> {
  return { search, page: 1, ...(await read(city, deps, search, 1, undefined)) };
}

/**
 * Null if there is none. The token of a page lasts minutes, so the next one is asked for right after it; where that
 * fails, both are asked for again the next day.
 */
async function readSecondPage(city: PlacesCity, deps: CityPlacesDeps, first: Page): Promise<Page | null> {
  const { search, answer, from } = first;
  if (answer.nextPageToken === undefined) return null;
  if (from !== 'called') {
    const cached = await readCache(deps, cacheKey(city, search, 2));
    return cached && { search, page: 2, ...cached };
  }
  try {
    return { search, page: 2, ...(await read(city, deps, search, 2, answer.nextPageToken)) };
  } catch (error) {
    await refreshTomorrow(deps, cacheKey(city, search, 1));
    throw error;
  }
}

const cacheKey = (city: PlacesCity, search: Search, page: 1 | 2): string =>
  `search:${city.slug}:${search}${page === 1 ? '' : ':page-2'}`;

async function read(
  city: PlacesCity,
  deps: CityPlacesDeps,
  search: Search,
  page: 1 | 2,
  pageToken: string | undefined,
): Promise<CachedAnswer> {
  const textQuery = `${search} in ${city.name}`;
  try {
    return await readThroughCache(deps, cacheKey(city, search, page), () =>
      deps.api.searchText({ textQuery, within: city.bounds, pageToken }),
    );
  } catch (error) {
    throw error instanceof PlacesUnavailable ? new PageFailure(search, page, error) : error;
  }
}

/** A `PlacesUnavailable` and the page that it stood in the way of. */
class PageFailure extends Error {
  readonly search: Search;
  readonly page: 1 | 2;
  override readonly cause: PlacesUnavailable;
  constructor(search: Search, page: 1 | 2, cause: PlacesUnavailable) {
    super(cause.message);
    this.search = search;
    this.page = page;
    this.cause = cause;
  }
}

/** The pages that could be had, and why the others could not; any other error is thrown. */
async function settle(reads: Promise<Page | null>[]): Promise<{ pages: Page[]; failures: PageFailure[] }> {
  const pages: Page[] = [];
  const failures: PageFailure[] = [];
  for (const result of await Promise.allSettled(reads)) {
    if (result.status === 'fulfilled') {
      if (result.value) pages.push(result.value);
    } else if (result.reason instanceof PageFailure) {
      failures.push(result.reason);
    } else {
      throw result.reason;
    }
  }
  return { pages, failures };
}
