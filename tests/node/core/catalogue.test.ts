import { describe, expect, it } from 'vitest';
import { CatalogueProblems, firstDay, readCatalogue, venueFromCatalogue } from '../../../core/venue/catalogue.ts';

type Entry = Record<string, unknown>;

const ENTRY: Entry = {
  slug: 'corner-books',
  name: 'Corner Books',
  neighbourhood: 'Old Town',
  category: 'bookshop',
  lat: 10.5,
  lng: 20.5,
  price: 1,
  hours: { daily: '10:00-18:00' },
  setting: 'indoor',
  minutes: 45,
  energy: 0.2,
  first_seen: '1973',
  tags: ['literary', 'cosy'],
};
const OTHER: Entry = { ...ENTRY, slug: 'corner-cafe', name: 'Corner Cafe', category: 'cafe', meals: ['breakfast'] };

const CITY: Entry = {
  slug: 'somewhere',
  name: 'Somewhere',
  country: 'PT',
  time_zone: 'Europe/Lisbon',
  currency: 'EUR',
  centre: { lat: 10.5, lng: 20.5 },
  bounds: { south: 10, west: 20, north: 11, east: 21 },
  meal_times: { breakfast: ['08:00', '10:00'], lunch: ['12:00', '14:00'], dinner: ['19:00', '21:00'] },
  venues: [ENTRY, OTHER],
};
const CORPUS: Entry = {
  corpus: 'sample-v1',
  notice: 'A sample.',
  mentions: { 'corner-books': { local_forum: 3, avoid: 1 } },
};

function problems(city: Entry, corpus: Entry = CORPUS): readonly string[] {
  try {
    readCatalogue(city, corpus);
    return [];
  } catch (error) {
    if (!(error instanceof CatalogueProblems)) throw error;
    expect(error.message).toBe(error.problems.join('\n'));
    return error.problems;
  }
}
/** The city with fields of its second venue replaced. */
const withVenue = (fields: Entry) => ({ ...CITY, venues: [ENTRY, { ...OTHER, ...fields }] });

describe('a catalogue that is right', () => {
  it('is read with its hours, its mentions and the name of its corpus', () => {
    const { city, corpus, mentions } = readCatalogue(CITY, CORPUS);
    expect(city.venues.map((venue) => venue.slug)).toEqual(['corner-books', 'corner-cafe']);
    expect(city.venues[0]!.hours).toEqual(Array.from({ length: 7 }, () => [[600, 1080]]));
    expect(corpus).toBe('sample-v1');
    expect(mentions).toEqual({ 'corner-books': { local_forum: 3, avoid: 1 } });
  });

  it('may be without venues and without mentions', () => {
    expect(problems({ ...CITY, venues: [] }, { ...CORPUS, mentions: {} })).toEqual([]);
  });

  it('may hold a name twice in different places', () => {
    expect(problems(withVenue({ name: 'Corner Books', lat: 10.502 }))).toEqual([]);
  });
});

describe('a catalogue is rejected, with the place of the fault', () => {
  it.each([
    ['a slug twice', { slug: 'corner-books' }, 'venues[1] corner-books: duplicate slug, also venues[0]'],
    [
      'a place twice under two slugs',
      { name: 'CORNER BOOKS', lat: 10.5005 },
      'venues[1] corner-cafe: duplicate of venues[0] corner-books (same name, same place)',
    ],
    ['a place north of the city', { lat: 11.01 }, "venues[1] corner-cafe: 11.01, 20.5 lies outside the city's bounds"],
    ['a place west of the city', { lng: 19.9 }, "venues[1] corner-cafe: 10.5, 19.9 lies outside the city's bounds"],
    ['a tag twice', { tags: ['coffee', 'coffee'] }, 'venues[1] corner-cafe: a tag is given twice'],
  ])('for %s', (_, fields, message) => {
    expect(problems(withVenue(fields))).toEqual([message]);
  });

  it.each([
    ['an unknown tag', { tags: ['coffee', 'hipster'] }, 'city venues.1.tags.1: '],
    ['no tag', { tags: [] }, 'city venues.1.tags: '],
    ['an unknown category', { category: 'saloon' }, 'city venues.1.category: '],
    ['an unknown field', { rating: 4.5 }, 'city venues.1: '],
    ['an unknown meal', { meals: ['tea'] }, 'city venues.1.meals.0: '],
    ['a price that is none', { price: 5 }, 'city venues.1.price: '],
    ['hours that cannot be read', { hours: { mon: '9-5' } }, 'city venues.1.hours: "9" is no time of day'],
    ['a day that is none', { hours: { funday: '09:00-17:00' } }, 'city venues.1.hours: "funday" is no weekday'],
    ['a slug with capitals', { slug: 'Corner-Cafe' }, 'city venues.1.slug: must be kebab-case'],
    ['a date that is none', { first_seen: 'long ago' }, 'city venues.1.first_seen: must be a year, a month or a date'],
    ['a closing date that is none', { closed: '2026-13-01' }, 'city venues.1.closed: '],
    ['coordinates that are none', { lat: 91 }, 'city venues.1.lat: '],
  ])('for %s', (_, fields, start) => {
    const found = problems(withVenue(fields));
    expect(found).toHaveLength(1);
    expect(found[0]!.startsWith(start), found[0]).toBe(true);
  });

  it('for a city in no time zone, or that eats at no time', () => {
    expect(problems({ ...CITY, time_zone: 'Europe/Atlantis' })).toEqual(['city time_zone: must be an IANA time zone']);
    const meal_times = { ...(CITY.meal_times as Entry), dinner: ['19:00', 'late'] };
    expect(problems({ ...CITY, meal_times })[0]).toMatch(/^city meal_times\.dinner\.1: must be a time of day/);
  });

  it('for mentions of a venue that the city does not have', () => {
    expect(problems(CITY, { ...CORPUS, mentions: { 'corner-bar': { avoid: 1 } } })).toEqual([
      'corpus mentions.corner-bar: the city has no such venue',
    ]);
  });

  it('for mentions by an unknown kind of source, and for fewer than none', () => {
    expect(problems(CITY, { ...CORPUS, mentions: { 'corner-books': { my_aunt: 3 } } })[0]).toMatch(
      /^corpus mentions\.corner-books/,
    );
    expect(problems(CITY, { ...CORPUS, mentions: { 'corner-books': { avoid: -1 } } })[0]).toMatch(
      /^corpus mentions\.corner-books\.avoid/,
    );
  });

  it('for a corpus that does not say what it is', () => {
    expect(problems(CITY, { ...CORPUS, notice: '' })[0]).toMatch(/^corpus notice/);
  });

  it('with everything that is wrong, in both files', () => {
    const found = problems(withVenue({ price: 9, energy: 2 }), { ...CORPUS, corpus: '' });
    expect(found).toHaveLength(3);
  });
});

describe('an entry becomes a record', () => {
  it('with the first day of what is known of its age, and sorted tags', () => {
    const { city } = readCatalogue(CITY, CORPUS);
    expect(venueFromCatalogue(city.venues[0]!, 'an-id')).toMatchObject({
      id: 'an-id',
      firstSeenAt: '1973-01-01',
      closedAt: null,
      vibeTags: ['cosy', 'literary'],
      meals: [],
      source: 'catalogue',
    });
    expect(['1973', '1973-05', '1973-05-06'].map(firstDay)).toEqual(['1973-01-01', '1973-05-01', '1973-05-06']);
  });

  it('without hours where they are not known', () => {
    const { hours: _, ...unknown } = ENTRY;
    const { city } = readCatalogue({ ...CITY, venues: [unknown, OTHER] }, CORPUS);
    expect(venueFromCatalogue(city.venues[0]!, 'an-id').hours).toBeNull();
  });
});
