/** From a place of the provider to a venue of ours. */
import { describe, expect, test } from 'vitest';
import { ALWAYS_OPEN, firstOpenStart } from '../../core/venue/opening-hours.ts';
import { placeSchema, venueFromPlace, weeklyHours } from '../../core/venue/places-venue.ts';

const ID = '0198aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee';

const ramen = {
  id: 'ChIJramen',
  displayName: { text: 'Ramén & Söhne', languageCode: 'de' },
  location: { latitude: 45.52, longitude: -122.68 },
  primaryType: 'ramen_restaurant',
  types: ['ramen_restaurant', 'japanese_restaurant', 'restaurant', 'food', 'point_of_interest', 'establishment'],
  priceLevel: 'PRICE_LEVEL_INEXPENSIVE',
  businessStatus: 'OPERATIONAL',
  regularOpeningHours: {
    periods: [{ open: { day: 1, hour: 11, minute: 30 }, close: { day: 1, hour: 21, minute: 0 } }],
  },
  addressComponents: [
    { longText: '12', shortText: '12', types: ['street_number'] },
    { longText: 'Old Town', shortText: 'Old Town', types: ['neighborhood', 'political'] },
    { longText: 'Portland', shortText: 'Portland', types: ['locality', 'political'] },
  ],
};

const venue = (changes: Record<string, unknown> = {}) =>
  venueFromPlace(placeSchema.parse({ ...ramen, ...changes }), ID, 'Portland');

describe('the record', () => {
  test('holds what the provider states, the defaults of the category, and no local intelligence', () => {
    expect(venue()).toEqual({
      id: ID,
      placeId: 'ChIJramen',
      slug: 'ramen-sohne-0198aaaa',
      name: 'Ramén & Söhne',
      category: 'restaurant',
      neighbourhood: 'Old Town',
      location: { lat: 45.52, lng: -122.68 },
      priceLevel: 1,
      hours: [[[690, 1260]], [], [], [], [], [], []],
      meals: ['lunch', 'dinner'],
      setting: 'indoor',
      visitMinutes: 75,
      energy: 0.4,
      vibeTags: ['japanese', 'ramen'],
      touristScore: null,
      localScore: null,
      crossRefConfidence: null,
      overrated: false,
      source: 'places',
      firstSeenAt: null,
      closedAt: null,
      version: 1,
    });
  });

  test('has a slug where the name has no Latin letter, and the city where no neighbourhood is known', () => {
    expect(venue({ displayName: { text: '一蘭' }, addressComponents: undefined })).toMatchObject({
      name: '一蘭',
      slug: '0198aaaa',
      neighbourhood: 'Portland',
    });
  });

  test.each([
    ['PRICE_LEVEL_FREE', 0],
    ['PRICE_LEVEL_INEXPENSIVE', 1],
    ['PRICE_LEVEL_MODERATE', 2],
    ['PRICE_LEVEL_EXPENSIVE', 3],
    ['PRICE_LEVEL_VERY_EXPENSIVE', 4],
    ['PRICE_LEVEL_UNSPECIFIED', 2],
    [undefined, 2],
  ])('price level %s is %i', (priceLevel, expected) => {
    expect(venue({ priceLevel })?.priceLevel).toBe(expected);
  });

  test.each(['CLOSED_PERMANENTLY', 'CLOSED_TEMPORARILY', 'FUTURE_OPENING'])('%s is left out', (businessStatus) => {
    expect(venue({ businessStatus })).toBeNull();
  });

  test('a place of which no status is known, such as a park, is kept', () => {
    expect(venue({ businessStatus: undefined })).not.toBeNull();
  });
});

describe('types', () => {
  const read = (primaryType: string | undefined, ...types: string[]) => {
    const mapped = venue({ primaryType, types });
    return mapped && [mapped.category, ...mapped.vibeTags];
  };

  test('the primary type decides, unless it is vague', () => {
    expect(read('restaurant', 'bar', 'restaurant')).toEqual(['restaurant']);
    expect(read('wine_bar', 'restaurant', 'wine_bar')).toEqual(['wine_bar', 'wine']);
    expect(read('tourist_attraction', 'tourist_attraction', 'art_museum', 'museum')).toEqual(['museum', 'artsy']);
    expect(read('tourist_attraction', 'tourist_attraction', 'point_of_interest')).toEqual(['landmark']);
    expect(read(undefined, 'establishment', 'book_store')).toEqual(['bookshop', 'literary']);
  });

  test('tags are only those that a type states', () => {
    expect(read('coffee_shop', 'coffee_shop', 'cafe')).toEqual(['cafe']);
    expect(read('park', 'park', 'playground')).toEqual(['park', 'green', 'kid-friendly']);
    expect(read('korean_barbecue_restaurant', 'korean_restaurant')).toEqual(['restaurant', 'bbq', 'korean']);
  });

  test('what is nothing to visit, or of an unknown type, is left out', () => {
    expect(read('hotel', 'hotel', 'bar', 'lodging')).toBeNull();
    expect(read('dentist', 'dentist', 'establishment')).toBeNull();
    expect(read('constructor', 'toString')).toBeNull();
    expect(read(undefined)).toBeNull();
  });

  test('breakfast is served where the type says so', () => {
    expect(venue({ primaryType: 'brunch_restaurant', types: ['brunch_restaurant'] })?.meals).toEqual([
      'breakfast',
      'lunch',
      'dinner',
    ]);
    expect(venue({ primaryType: 'museum', types: ['museum', 'diner'] })?.meals).toEqual([]);
  });
});

describe('hours', () => {
  type Moment = [day: number, hour: number, minute?: number];
  const at = ([day, hour, minute = 0]: Moment) => ({ day, hour, minute });
  const hours = (...periods: [open: Moment, close?: Moment][]) =>
    weeklyHours(periods.map(([open, close]) => ({ open: at(open), ...(close && { close: at(close) }) })));
  const [monday, saturday, sunday] = [0, 5, 6];
  const ALL_DAY = Array.from({ length: 7 }, (_, day): [Moment, Moment] => [
    [day, 0],
    [(day + 1) % 7, 0],
  ]);

  test('the week begins on Monday here and on Sunday there', () => {
    const week = hours(
      [
        [0, 9],
        [0, 17],
      ],
      [
        [6, 10],
        [6, 18],
      ],
    );
    expect(week?.[sunday]).toEqual([[540, 1020]]);
    expect(week?.[saturday]).toEqual([[600, 1080]]);
  });

  test('several intervals of a day are in order', () => {
    expect(
      hours(
        [
          [1, 17],
          [1, 22],
        ],
        [
          [1, 11, 30],
          [1, 14],
        ],
      )?.[monday],
    ).toEqual([
      [690, 840],
      [1020, 1320],
    ]);
  });

  test('a close past midnight belongs to the day that it opened on, also over the end of either week', () => {
    const week = hours(
      [
        [6, 18],
        [0, 2],
      ],
      [
        [0, 20],
        [1, 3],
      ],
    );
    expect(week?.[saturday]).toEqual([[1080, 1560]]);
    expect(week?.[sunday]).toEqual([[1200, 1620]]);
    expect(week?.[monday]).toEqual([]);
    expect(firstOpenStart(week!, monday, 0, 90, 90)).toBe(0);
  });

  test('midnight itself is the end of the day', () => {
    expect(
      hours([
        [1, 18],
        [2, 0],
      ])?.[monday],
    ).toEqual([[1080, 1440]]);
    expect(
      hours([
        [1, 0],
        [2, 0],
      ])?.[monday],
    ).toEqual([[0, 1440]]);
  });

  test('one period that never closes is always open', () => {
    const week = hours([[0, 0]]);
    for (let day = 0; day < 7; day++) expect(firstOpenStart(week!, day, 900, 900, 900)).toBe(900);
  });

  test('an interval of days is told day by day, and nights between open days are open', () => {
    const week = hours([
      [5, 18],
      [0, 2],
    ]);
    expect(week?.[4]).toEqual([[1080, 2880]]);
    expect(week?.[saturday]).toEqual([[0, 1560]]);
    expect(week?.[sunday]).toEqual([[0, 120]]);
    expect(hours(...ALL_DAY)).toEqual(ALWAYS_OPEN);
  });

  test('hours that are not known or cannot be read are null, and the place is kept', () => {
    expect(weeklyHours(undefined)).toBeNull();
    expect(hours()).toBeNull();
    expect(
      hours(
        [[1, 9]],
        [
          [2, 9],
          [2, 17],
        ],
      ),
    ).toBeNull();
    expect(hours([[3, 9]])).toBeNull();
    expect(
      hours([
        [1, 9],
        [1, 9],
      ]),
    ).toBeNull();
    expect(venue({ regularOpeningHours: undefined })?.hours).toBeNull();
    const odd = { periods: [{ open: { day: 9, hour: 1 } }] };
    expect(venue({ regularOpeningHours: odd })).toMatchObject({ placeId: 'ChIJramen', hours: null });
  });

  test('an hour or minute that is left out is zero', () => {
    const periods = [{ open: { day: 1, hour: 9 }, close: { day: 2 } }];
    expect(venue({ regularOpeningHours: { periods } })?.hours?.[monday]).toEqual([[540, 1440]]);
  });
});
