import { describe, expect, it } from 'vitest';
import {
  allowedInTrip,
  BUDGET_RULES,
  suitsStop,
  withinDayBudget,
  withinDayVariety,
} from '../../../core/itinerary/rules.ts';
import { takesParty } from '../../../core/ranking/party-fit.ts';
import { CATEGORIES, CATEGORY_NAMES } from '../../../core/venue/vocabulary.ts';
import { someVenue } from './fixtures/venues.ts';

const COUPLE = { kind: 'couple', size: 2 } as const;
const FAMILY = { kind: 'family', size: 4 } as const;

describe('what a stop is for', () => {
  it('is a meal only where that meal is served', () => {
    const diner = someVenue({ category: 'restaurant', meals: ['breakfast', 'lunch'] });
    expect(suitsStop(diner, { role: 'lunch', dayPart: 'afternoon' })).toBe(true);
    expect(suitsStop(diner, { role: 'dinner', dayPart: 'evening' })).toBe(false);
  });

  it('is an activity wherever one does not go to dine', () => {
    for (const category of CATEGORY_NAMES.filter((name) => name !== 'cafe')) {
      const venue = someVenue({ category, meals: ['lunch'] });
      expect(suitsStop(venue, { role: 'activity', dayPart: 'evening' }), category).toBe(!CATEGORIES[category].meal);
    }
  });

  it('is no bar in the morning', () => {
    for (const category of CATEGORY_NAMES.filter((name) => CATEGORIES[name].nightlife)) {
      expect(suitsStop(someVenue({ category }), { role: 'activity', dayPart: 'morning' }), category).toBe(false);
    }
  });

  it('is a coffee in the afternoon only', () => {
    const cafe = someVenue({ category: 'cafe', meals: ['breakfast'] });
    const parts = (['morning', 'afternoon', 'evening'] as const).map((dayPart) =>
      suitsStop(cafe, { role: 'activity', dayPart }),
    );
    expect(parts).toEqual([false, true, false]);
  });
});

describe('what a trip may hold', () => {
  it('is nothing of which the hours are unknown', () => {
    expect(allowedInTrip(someVenue({ hours: null }), COUPLE, 'mid', '2026-06-01')).toBe(false);
  });

  it('is a place until the day on which it closes for good', () => {
    const closing = someVenue({ closedAt: '2026-06-02' });
    expect(
      ['2026-06-01', '2026-06-02', '2026-06-03'].map((date) => allowedInTrip(closing, COUPLE, 'mid', date)),
    ).toEqual([true, false, false]);
  });

  it('goes by the budget', () => {
    const highest = (['low', 'mid', 'high'] as const).map((band) =>
      Math.max(
        ...[0, 1, 2, 3, 4].filter((priceLevel) => allowedInTrip(someVenue({ priceLevel }), COUPLE, band, '2026-06-01')),
      ),
    );
    expect(highest).toEqual([2, 3, 4]);
    expect(BUDGET_RULES.low.highest).toBe(2);
  });

  it('is no bar and nothing for adults only where there are children', () => {
    for (const category of CATEGORY_NAMES) {
      expect(takesParty(someVenue({ category }), FAMILY), category).toBe(!CATEGORIES[category].nightlife);
      expect(takesParty(someVenue({ category }), COUPLE), category).toBe(true);
    }
    expect(takesParty(someVenue({ vibeTags: ['adults-only'] }), FAMILY)).toBe(false);
    expect(takesParty(someVenue({ vibeTags: ['adults-only'] }), COUPLE)).toBe(true);
  });

  it('is no counter for six', () => {
    for (const tag of ['counter-seating', 'standing-bar'] as const) {
      const tight = someVenue({ vibeTags: [tag] });
      expect([5, 6].map((size) => takesParty(tight, { kind: 'friends', size }))).toEqual([true, false]);
    }
  });
});

describe('what a day may hold', () => {
  it('is one place of the highest price, unless money does not matter', () => {
    expect([0, 1].map((others) => withinDayBudget(2, others, 'low'))).toEqual([true, false]);
    expect([0, 1].map((others) => withinDayBudget(3, others, 'mid'))).toEqual([true, false]);
    expect(withinDayBudget(4, 5, 'high')).toBe(true);
    expect(withinDayBudget(1, 5, 'low')).toBe(true);
  });

  it('is two of a kind, and one of what one does once a day', () => {
    expect([0, 1, 2].map((others) => withinDayVariety('park', others))).toEqual([true, true, false]);
    for (const once of ['cafe', 'dessert', 'museum', 'bathhouse', 'zoo_aquarium'] as const) {
      expect(
        [0, 1].map((others) => withinDayVariety(once, others)),
        once,
      ).toEqual([true, false]);
    }
  });
});
