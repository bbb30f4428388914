import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATEGORIES } from '../../../core/venue/vocabulary.ts';
import { CITY_SLUGS, catalogueOf, SEEDED_SLUGS, venuesOf } from './fixtures/venues.ts';

const AT_LEAST = { seattle: 260, 'new-york': 120, 'mexico-city': 120, tokyo: 120 } as const;

describe('the cities', () => {
  it('are these files, each with its corpus, and all of them are right', () => {
    const files = (folder: string) => readdirSync(new URL(`../../../data/${folder}/`, import.meta.url)).sort();
    expect(files('cities')).toEqual(CITY_SLUGS.map((slug) => `${slug}.json`));
    expect(files('corpus')).toEqual(files('cities'));
    for (const slug of CITY_SLUGS) expect(catalogueOf(slug).city.slug).toBe(slug);
  });

  it('are large enough, and one of them is known by name alone', () => {
    for (const slug of SEEDED_SLUGS)
      expect(catalogueOf(slug).city.venues.length, slug).toBeGreaterThanOrEqual(AT_LEAST[slug]);
    const bare = CITY_SLUGS.filter((slug) => catalogueOf(slug).city.venues.length === 0);
    expect(bare).toEqual(['lisbon']);
  });

  it('rest on a corpus that says that it is a sample', () => {
    for (const slug of CITY_SLUGS) expect(catalogueOf(slug).corpus, slug).toMatch(/^sample-/);
  });

  it('lie around their centre, inside bounds of a city', () => {
    for (const slug of CITY_SLUGS) {
      const { centre, bounds } = catalogueOf(slug).city;
      expect(centre.lat, slug).toBeGreaterThan(bounds.south);
      expect(centre.lat, slug).toBeLessThan(bounds.north);
      expect(centre.lng, slug).toBeGreaterThan(bounds.west);
      expect(centre.lng, slug).toBeLessThan(bounds.east);
      expect(bounds.north - bounds.south, slug).toBeLessThan(0.8);
      expect(bounds.east - bounds.west, slug).toBeLessThan(0.8);
    }
  });
});

describe.each(SEEDED_SLUGS)('the mix of %s', (slug) => {
  const venues = venuesOf(slug);
  const share = (is: (venue: (typeof venues)[number]) => boolean) => venues.filter(is).length / venues.length;
  const different = <T>(of: (venue: (typeof venues)[number]) => T) => new Set(venues.map(of));

  it('has fifteen kinds of places in fifteen neighbourhoods', () => {
    expect(different((venue) => venue.category).size).toBeGreaterThanOrEqual(15);
    expect(different((venue) => venue.neighbourhood).size).toBeGreaterThanOrEqual(15);
  });

  it('has restaurants, bars, coffee, parks, bookshops and markets', () => {
    const categories = different((venue) => venue.category);
    for (const category of ['restaurant', 'bar', 'cafe', 'park', 'bookshop', 'market', 'museum'] as const) {
      expect(categories, category).toContain(category);
    }
  });

  it('has every price level', () => {
    expect([...different((venue) => venue.priceLevel)].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('has meals, things to do, open air, and places for late evenings', () => {
    const meals = share((venue) => venue.meals.length > 0);
    expect(meals).toBeGreaterThan(0.3);
    expect(meals).toBeLessThan(0.75);
    expect(share((venue) => !CATEGORIES[venue.category].meal)).toBeGreaterThan(0.3);
    expect(share((venue) => venue.setting !== 'indoor')).toBeGreaterThan(0.15);
    const late = (venue: (typeof venues)[number]) =>
      venue.hours?.some((day) => day.some(([, close]) => close >= 23 * 60)) ?? false;
    expect(share(late)).toBeGreaterThan(0.1);
    for (const meal of ['breakfast', 'lunch', 'dinner'] as const) {
      expect(venues.filter((venue) => venue.meals.includes(meal)).length, meal).toBeGreaterThanOrEqual(10);
    }
  });

  it('has tourist staples beside places that locals go to', () => {
    const lean = venues.map((venue) => (venue.localScore ?? 0) - (venue.touristScore ?? 0));
    expect(lean.filter((local) => local < -0.15).length).toBeGreaterThanOrEqual(15);
    expect(lean.filter((local) => local > 0.15).length).toBeGreaterThanOrEqual(15);
    expect(venues.filter((venue) => venue.vibeTags.includes('iconic')).length).toBeGreaterThanOrEqual(10);
    expect(venues.filter((venue) => venue.vibeTags.includes('local-favourite')).length).toBeGreaterThanOrEqual(20);
    expect(share((venue) => venue.touristScore !== null)).toBeGreaterThan(0.9);
  });

  it('knows the hours of nearly all, and serves no meal behind a closed door', () => {
    expect(share((venue) => venue.hours !== null)).toBeGreaterThan(0.9);
    for (const venue of venues.filter((one) => one.hours)) {
      expect(
        venue.hours!.some((day) => day.length > 0),
        venue.slug,
      ).toBe(true);
      for (const meal of venue.meals) {
        const window = { breakfast: [300, 720], lunch: [660, 990], dinner: [960, 1440] }[meal];
        const open = venue.hours!.some((day) => day.some(([from, to]) => from < window[1]! && to > window[0]!));
        expect(open, `${meal} at ${venue.slug}`).toBe(true);
      }
    }
  });

  it('has no opening intervals that overlap', () => {
    for (const venue of venues.filter((one) => one.hours)) {
      for (const day of venue.hours!) {
        day.forEach(([from], i) => {
          if (i > 0) expect(from, venue.slug).toBeGreaterThan(day[i - 1]![1]);
        });
      }
    }
  });

  it('serves a meal at every table, and nothing for adults only where children are welcome', () => {
    for (const venue of venues) {
      if (venue.category === 'restaurant' || venue.category === 'food_hall')
        expect(venue.meals.length, venue.slug).toBeGreaterThan(0);
      expect(venue.vibeTags.includes('adults-only') && venue.vibeTags.includes('kid-friendly'), venue.slug).toBe(false);
    }
  });
});
