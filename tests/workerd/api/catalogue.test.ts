import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { activityNodes } from '../../../platform/database/schema/index.ts';
import { cityId } from '../../../platform/database/seed-cities.ts';
import { venue } from '../../../worker/schemas/shared.ts';
import { call, database } from './client.ts';

interface VenueBody {
  id: string;
  name: string;
  category: string;
  neighbourhood: string;
  location: { lat: number; lng: number };
}

/** Every page of a listing. */
async function allPages(city: string, query: string): Promise<VenueBody[][]> {
  const pages: VenueBody[][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body, status } = await call('GET', `/cities/${city}/venues?${query}${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    pages.push(body.venues);
    cursor = body.next_cursor;
  }
  return pages;
}

describe('the vocabulary', () => {
  it('serves the tags that onboarding takes, vibe tags, categories and what dimensions mean', async () => {
    const { status, body } = await call('GET', '/vocabulary');
    expect(status).toBe(200);
    expect(body.onboarding_tags.food).toMatchObject({ multiple: true, tags: expect.arrayContaining(['ramen']) });
    expect(body.onboarding_tags.pace).toMatchObject({ multiple: false, tags: expect.arrayContaining(['slow']) });
    expect(body.categories.cafe.label).toEqual(expect.any(String));
    expect(body.vibe_tags.coffee.label).toEqual(expect.any(String));
    expect(body.persona_dimensions.map((d: { name: string }) => d.name)).toContain('local_vs_tourist_bias');
  });
});

describe('cities', () => {
  it('are listed with what is there, also those that are known by name only', async () => {
    const { body } = await call('GET', '/cities');
    const bySlug = new Map(body.cities.map((city: { slug: string }) => [city.slug, city]));
    expect(bySlug.get('seattle')).toMatchObject({ time_zone: 'America/Los_Angeles', available: true });
    expect((bySlug.get('seattle') as { venues: number }).venues).toBeGreaterThanOrEqual(260);
    for (const slug of ['new-york', 'mexico-city', 'tokyo']) {
      expect((bySlug.get(slug) as { venues: number }).venues).toBeGreaterThanOrEqual(120);
    }
    expect(bySlug.get('lisbon')).toMatchObject({ available: false, venues: 0 });
  });
});

describe('the venues of a city', () => {
  it('come page by page, every open one once, to an end', async () => {
    const pages = await allPages('seattle', 'limit=60');
    expect(pages.slice(0, -1).every((page) => page.length === 60)).toBe(true);
    const ids = pages.flat().map(({ id }) => id);
    const open = await database
      .select()
      .from(activityNodes)
      .where(eq(activityNodes.cityId, cityId('seattle')));
    expect(ids).toHaveLength(new Set(ids).size);
    expect([...ids].sort()).toEqual(
      open
        .filter((row) => row.closedAt === null)
        .map((row) => row.id)
        .sort(),
    );
  });

  it('come nearest first, also across pages', async () => {
    const near = { lat: 47.6097, lng: -122.3422 };
    const listed = (await allPages('seattle', `near=${near.lat},${near.lng}&limit=100`)).flat();
    const squared = ({ location }: VenueBody) =>
      (location.lat - near.lat) ** 2 + ((location.lng - near.lng) * Math.cos((near.lat * Math.PI) / 180)) ** 2;
    const distances = listed.map(squared);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    expect(listed.length).toBeGreaterThanOrEqual(260);
    for (const [i, distance] of distances.entries()) {
      expect(distance).toBeGreaterThanOrEqual((distances[i - 1] ?? 0) - 1e-12);
    }
  });

  it('are searched by name and neighbourhood in any case, and by category', async () => {
    const { body } = await call('GET', '/cities/seattle/venues?q=BALLARD&limit=100');
    expect(body.venues.length).toBeGreaterThan(0);
    for (const { name, neighbourhood } of body.venues as VenueBody[]) {
      expect(`${name} ${neighbourhood}`.toLowerCase()).toContain('ballard');
    }
    const bars = (await call('GET', '/cities/tokyo/venues?category=bar')).body.venues as VenueBody[];
    expect(bars.length).toBeGreaterThan(0);
    expect(bars.every(({ category }) => category === 'bar')).toBe(true);
  });

  it.each(['%', '_', '\\', "';drop table trips"])('take a search for %s as text', async (q) => {
    const { status, body } = await call('GET', `/cities/seattle/venues?q=${encodeURIComponent(q)}`);
    expect(status).toBe(200);
    for (const { name, neighbourhood } of body.venues as VenueBody[]) expect(name + neighbourhood).toContain(q);
  });

  it.each([
    ['cursor=nonsense', 422, 'cursor'],
    ['cursor=eyJrZXkiOiJhIn0', 422, 'cursor'],
    ['limit=0', 400, 'limit'],
    ['limit=101', 400, 'limit'],
    ['limit=ten', 400, 'limit'],
    ['category=palace', 400, 'category'],
    ['near=here', 400, 'near'],
    ['near=91,0', 400, 'near'],
    ['near=47.6,', 400, 'near'],
    ['order=name', 400, 'order'],
  ])('refuse ?%s with %i and name the field', async (query, status, field) => {
    const refused = await call('GET', `/cities/seattle/venues?${query}`);
    expect(refused.status).toBe(status);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body.errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it('refuse a cursor of a listing in another order', async () => {
    const { body } = await call('GET', '/cities/seattle/venues?near=47.6,-122.3&limit=5');
    const refused = await call('GET', `/cities/seattle/venues?limit=5&cursor=${body.next_cursor}`);
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_cursor' } });
    const { body: byName } = await call('GET', '/cities/seattle/venues?limit=5');
    const other = await call('GET', `/cities/seattle/venues?near=47.6,-122.3&limit=5&cursor=${byName.next_cursor}`);
    expect(other).toMatchObject({ status: 422, body: { code: 'invalid_cursor' } });
  });

  it("are nobody's in a city that there is not, and the answer lists those that there are", async () => {
    const refused = await call('GET', '/cities/atlantis/venues');
    expect(refused).toMatchObject({ status: 404, body: { code: 'unknown_city' } });
    expect(refused.body.errors[0]).toMatchObject({ field: 'city', known: expect.arrayContaining(['seattle']) });
  });
});

describe('a venue', () => {
  it('is served by its id, as the listing has it, in any case of letters', async () => {
    const [listed] = (await call('GET', '/cities/seattle/venues?limit=1')).body.venues;
    const found = await call('GET', `/venues/${listed.id}`);
    expect(found.body).toEqual(listed);
    expect(venue.strict().safeParse(found.body).success).toBe(true);
    expect((await call('GET', `/venues/${listed.id.toUpperCase()}`)).body).toEqual(listed);
  });

  it('is 404 where there is none, and 400 where the id is no UUID', async () => {
    expect(await call('GET', '/venues/01a1fd0c-e7f7-717c-b2ef-863c105113ed')).toMatchObject({
      status: 404,
      body: { code: 'venue_not_found' },
    });
    const refused = await call('GET', '/venues/storyville');
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field: 'id' }] } });
  });
});
