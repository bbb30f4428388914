/** The city of a request, with venues to plan from: ours, or a places provider's where there is no catalogue. */
import { type City, findCity, listCities, placesVersion } from '../../platform/database/cities.ts';
import { fetchCityPlaces } from '../../platform/places/city-places.ts';
import { openPlacesApi } from '../../platform/places/places-api.ts';
import { PlacesUnavailable } from '../../platform/places/places-unavailable.ts';
import { storePlaces } from '../../platform/places/stored-places.ts';
import type { AppContext } from '../app-env.ts';
import { invalidField, Problem } from '../problem.ts';

/** The provider's venues are fetched again after this; in between its cache is not even read. */
const PLACES_FRESH_MS = 24 * 3600 * 1000;

export interface PlannableCity {
  city: City;
  fallback: 'places' | null;
}

/** Throws the 422 that names `city` where nothing can be planned. Asks no provider, so that a request can be refused first. */
export async function requestedCity(c: AppContext, slug: string): Promise<City> {
  const { database, settings } = c.var;
  const city = await findCity(database, slug);
  if (!city) {
    const known = (await listCities(database)).map((other) => other.slug);
    throw invalidField('city', 'unknown_city', `there is no city "${slug}"`, known);
  }
  if (city.venueCount === 0 && !settings.places.apiKey) throw await notAvailable(c, city);
  return city;
}

/** Throws the 503 where the provider cannot be had now, and the 422 where it knows no place in the city. */
export async function plannableCity(c: AppContext, city: City): Promise<PlannableCity> {
  const { apiKey } = c.var.settings.places;
  if (city.venueCount > 0 || !apiKey) return { city, fallback: null };
  const fetchedAt = await freshPlaces(c, city, apiKey);
  return { city: { ...city, catalogueVersion: placesVersion(fetchedAt) }, fallback: 'places' };
}

async function notAvailable(c: AppContext, city: City): Promise<Problem> {
  const available = (await listCities(c.var.database)).filter((other) => other.venueCount > 0);
  const slugs = available.map((other) => other.slug);
  return new Problem(422, 'city_not_available', `${city.name} has no catalogue yet`, {
    errors: [{ field: 'city', message: 'not available yet', known: slugs }],
    extra: { available_cities: slugs },
  });
}

/** When the provider's venues that the database now holds were fetched. */
async function freshPlaces(c: AppContext, city: City, apiKey: string): Promise<Date> {
  const { database, vectors, settings, now, log } = c.var;
  const stored = city.placesFetchedAt;
  if (stored && now - stored.getTime() < PLACES_FRESH_MS) return stored;
  const { baseUrl, dailyCalls } = settings.places;
  try {
    const { venues, failures } = await fetchCityPlaces(city, {
      api: openPlacesApi({ apiKey, ...(baseUrl ? { baseUrl } : {}), fetch }),
      database,
      dailyCalls,
      now: () => new Date(now),
    });
    if (failures.length > 0) log('places_pages_missing', { city: city.slug, failures });
    // Nothing found is no reason to forget what was found before, nor to plan empty days.
    if (venues.length === 0 && stored) return stored;
    if (venues.length === 0) throw await notAvailable(c, city);
    await storePlaces(database, vectors, city.id, venues, new Date(now));
    return new Date(now);
  } catch (error) {
    if (!(error instanceof PlacesUnavailable)) throw error;
    log('places_unavailable', { city: city.slug, code: error.code });
    if (stored) return stored;
    throw new Problem(503, 'places_unavailable', `venues of ${city.name} cannot be had just now (${error.code})`);
  }
}
