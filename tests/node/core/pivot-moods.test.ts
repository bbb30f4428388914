import { describe, expect, it } from 'vitest';
import { travelBetween } from '../../../core/itinerary/travel.ts';
import type { Trip } from '../../../core/itinerary/trip.ts';
import { applyPivot } from '../../../core/pivot/apply-pivot.ts';
import { findMoment } from '../../../core/pivot/moment.ts';
import { answersMood, MOOD_RULES, moodScore } from '../../../core/pivot/moods.ts';
import { MOODS, type Mood, type ScoredVenue } from '../../../core/pivot/pivot.ts';
import type { Location, Venue } from '../../../core/venue/venue.ts';
import { dayProblems } from './fixtures/day-problems.ts';
import { ask, liveTrip, onDay, slotOf, withSlot } from './fixtures/live-trip.ts';
import { SEATTLE_VENUES } from './fixtures/planned-trip.ts';
import { north, someVenue } from './fixtures/venues.ts';

const TRIP = liveTrip({ tags: { interests: ['hiking', 'museums'], food: ['coffee'] }, budgetBand: 'high', days: 4 });

/** What a search around a place gives back: the nearest 200, all equally relevant. */
function around(place: Location): ScoredVenue[] {
  return SEATTLE_VENUES.map((venue) => ({ venue, metres: travelBetween(place, venue.location).metres }))
    .sort((a, b) => a.metres - b.metres)
    .slice(0, 200)
    .map(({ venue }) => ({ venue, score: 0.5 }));
}

/** What each mood is offered in each activity of the trip, just after it began, beside what was planned. */
function offered(mood: Mood): { planned: Venue; offers: Venue[] }[] {
  return TRIP.slots
    .filter(({ stop }) => stop.role === 'activity')
    .map((slot) => {
      const now = onDay(TRIP, slot.dayNumber, slot.start + 5);
      const planned = TRIP.venues[slot.venueId]!;
      const candidates = around(planned.location);
      const plan = ask(TRIP, { trigger: 'mood', mood, slotId: slot.id }, now, candidates);
      expect(plan.source).toBe('search');
      const byId = new Map(candidates.map(({ venue }) => [venue.id, venue]));
      return { planned, offers: plan.options.map(({ changes }) => byId.get(changes[0]!.to!)!) };
    });
}

function means(mood: Mood, of: (venue: Venue) => number): [planned: number, offers: number] {
  const answered = offered(mood).filter(({ offers }) => offers.length > 0);
  expect(answered.length).toBeGreaterThan(3);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean(answered.map(({ planned }) => of(planned))), mean(answered.flatMap(({ offers }) => offers.map(of)))];
}

const has = (venue: Venue, ...tags: Venue['vibeTags']) => (tags.some((tag) => venue.vibeTags.includes(tag)) ? 1 : 0);

describe('each mood changes what is offered', () => {
  it('tired: less energy', () => {
    const [planned, offers] = means('tired', ({ energy }) => energy);
    expect(offers).toBeLessThan(planned - 0.1);
  });

  it('want_quiet and want_lively: quiet places and lively ones', () => {
    const [, quiet] = means('want_quiet', (venue) => has(venue, 'quiet', 'cosy') - has(venue, 'lively', 'loud'));
    const [, lively] = means('want_lively', (venue) => has(venue, 'quiet', 'cosy') - has(venue, 'lively', 'loud'));
    expect(quiet).toBeGreaterThan(0.5);
    expect(lively).toBeLessThan(-0.5);
  });

  it('too_crowded: away from where guides send everybody', () => {
    const [planned, offers] = means('too_crowded', ({ touristScore }) => touristScore ?? 0.5);
    expect(offers).toBeLessThan(planned - 0.1);
  });

  it('splurge and save: dearer and cheaper', () => {
    const [plannedDear, dear] = means('splurge', ({ priceLevel }) => priceLevel);
    const [plannedCheap, cheap] = means('save', ({ priceLevel }) => priceLevel);
    expect(dear).toBeGreaterThan(plannedDear + 0.5);
    expect(cheap).toBeLessThan(plannedCheap - 0.5);
  });

  it('every one but hunger: only what answers it better than what is planned', () => {
    for (const mood of MOODS.filter((name) => name !== 'hungry')) {
      for (const { planned, offers } of offered(mood)) {
        for (const venue of offers) expect(answersMood(venue, mood)).toBeGreaterThan(answersMood(planned, mood));
      }
    }
  });
});

describe('distance', () => {
  it('decides between places that are alike, and weighs most on the tired and the hungry', () => {
    const venue = someVenue();
    for (const mood of MOODS) {
      expect(moodScore(0.5, venue, 5, mood) - moodScore(0.5, venue, 25, mood)).toBeGreaterThanOrEqual(0.3 - 1e-9);
    }
    const minutes = (mood: Mood) => MOOD_RULES[mood].minute;
    for (const mood of MOODS) expect(minutes(mood)).toBeLessThanOrEqual(Math.min(minutes('tired'), minutes('hungry')));
  });

  it('is measured from where the travellers are', () => {
    const slot = TRIP.slots.find(({ stop }) => stop.role === 'activity' && stop.dayPart === 'afternoon')!;
    const here = TRIP.venues[slot.venueId]!.location;
    const at = (id: string, metres: number) => ({
      venue: someVenue({ id, location: north(here, metres), category: 'library', energy: 0, vibeTags: ['quiet'] }),
      score: 0.5,
    });
    const candidates = [at('far', 1200), at('near', 100), at('middling', 600)];
    const request = { trigger: 'mood', mood: 'want_quiet', slotId: slot.id } as const;
    const { options } = ask(TRIP, request, onDay(TRIP, slot.dayNumber, slot.start + 5), candidates);
    expect(options.map(({ changes }) => changes[0]!.to)).toEqual(['near', 'middling', 'far']);
    for (const [i, { changes, venues, reason }] of options.entries()) {
      expect(venues.map(({ id }) => id)).toEqual([changes[0]!.to]);
      expect(reason.text).toContain(`${[2, 10, 20][i]} minutes on foot`);
    }
    expect(applyPivot(TRIP, options[0]!).venues).toHaveProperty('near');
  });

  it('is searched around the visit that goes on, or what comes before the next', () => {
    const { dayNumber, start, venueId, order } = slotOf(TRIP, 'day-1-slot-4');
    const before = TRIP.slots.find((slot) => slot.dayNumber === dayNumber && slot.order === order - 1)!;
    const moment = (minutes: number) => findMoment(TRIP, {}, onDay(TRIP, 1, minutes));
    expect(moment(start + 5)).toMatchObject({ around: TRIP.venues[venueId]!.location });
    expect(moment(start - 1)).toMatchObject({ around: TRIP.venues[before.venueId]!.location });
  });
});

describe('hunger', () => {
  const hungryAt = (trip: Trip, minutes: number) => {
    const now = onDay(trip, 1, minutes);
    const moment = findMoment(trip, {}, now);
    if (typeof moment === 'string') throw new Error(moment);
    return ask(trip, { trigger: 'mood', mood: 'hungry' }, now, around(moment.around)).options;
  };
  const MORNING = TRIP.slots.find(({ stop }) => stop.role === 'activity' && stop.dayPart === 'morning')!;
  const LUNCH = TRIP.slots.find(({ stop }) => stop.role === 'lunch')!;
  const AFTERNOON = TRIP.slots.find(({ stop }) => stop.role === 'activity' && stop.dayPart === 'afternoon')!;
  const offeredVenue = (id: string) => SEATTLE_VENUES.find((venue) => venue.id === id)!;

  it('before lunch puts lunch in an activity slot and leaves the planned lunch out', () => {
    const options = hungryAt(TRIP, LUNCH.start - 15);
    expect(options).toHaveLength(3);
    for (const option of options) {
      const [meal, ...gone] = option.changes;
      expect(meal).toMatchObject({ slotId: MORNING.id, stop: { role: 'lunch', dayPart: 'afternoon' } });
      expect(offeredVenue(meal!.to!).meals).toContain('lunch');
      expect(gone.map(({ slotId, to }) => [slotId, to])).toContainEqual([LUNCH.id, null]);
      const after = applyPivot(TRIP, option);
      expect(slotOf(after, LUNCH.id).status).toBe('skipped');
      expect(slotOf(after, MORNING.id).stop.role).toBe('lunch');
      expect(slotOf(after, MORNING.id).narrative).toMatch(/lunch/i);
      expect(dayProblems(after, 1)).toEqual([]);
    }
  });

  it('after lunch is offered a bite, and dinner stays', () => {
    const options = hungryAt(TRIP, AFTERNOON.start + 10);
    expect(options.length).toBeGreaterThan(0);
    for (const { changes } of options) {
      expect(changes).toHaveLength(1);
      expect(changes[0]).not.toHaveProperty('stop');
      expect(['cafe', 'dessert', 'market']).toContain(offeredVenue(changes[0]!.to!).category);
    }
  });

  it('before a locked lunch is offered a bite too: the lunch stays', () => {
    const here = TRIP.venues[MORNING.venueId]!.location;
    const sweet = {
      venue: someVenue({ id: 'sweet', category: 'dessert', location: here, visitMinutes: 25 }),
      score: 0.5,
    };
    const meal = {
      venue: someVenue({ id: 'meal', category: 'restaurant', location: here, meals: ['lunch'] }),
      score: 1,
    };
    const locked = withSlot(TRIP, LUNCH.id, { status: 'locked' });
    const now = onDay(TRIP, 1, LUNCH.start - 50);
    const { options } = ask(locked, { trigger: 'mood', mood: 'hungry' }, now, [sweet, meal]);
    expect(options.map(({ changes }) => changes.map(({ to }) => to))).toEqual([['sweet']]);
  });

  it('in a slot that is a meal finds a nearer one', () => {
    const dinner = TRIP.slots.find(({ stop }) => stop.role === 'dinner')!;
    const request = { trigger: 'mood', mood: 'hungry', slotId: dinner.id } as const;
    const planned = TRIP.venues[dinner.venueId]!;
    const { options } = ask(TRIP, request, onDay(TRIP, 1, dinner.start - 20), around(planned.location));
    expect(options.length).toBeGreaterThan(0);
    for (const { changes } of options) expect(offeredVenue(changes[0]!.to!).meals).toContain('dinner');
  });
});

it('a mood in a trip that is only planned is answered from the start of the slot on', () => {
  const planned: Trip = { ...TRIP, status: 'planning' };
  const slot = slotOf(planned, 'day-1-slot-5');
  const loose = withSlot(planned, slot.id, { start: slot.start + 20, end: slot.end });
  const request = { trigger: 'mood', mood: 'tired', slotId: slot.id } as const;
  const { options } = ask(loose, request, onDay(TRIP, -5, 600), around(TRIP.venues[slot.venueId]!.location));
  expect(options.length).toBeGreaterThan(0);
  for (const { changes } of options) expect(changes[0]!.start).toBeGreaterThanOrEqual(slot.start + 20);
});

describe('a mood without an answer', () => {
  const now = onDay(TRIP, 1, TRIP.slots[1]!.start + 5);

  it('is told why', () => {
    expect(ask(TRIP, { trigger: 'mood' }, now, [])).toMatchObject({ options: [], reason: 'mood_missing' });
    const empty = ask(TRIP, { trigger: 'mood', mood: 'save' }, now, []);
    expect(empty).toEqual({ source: 'search', options: [], reason: 'nothing_suits_the_mood' });
    const locked = { ...TRIP, slots: TRIP.slots.map((slot) => ({ ...slot, status: 'locked' as const })) };
    expect(ask(locked, { trigger: 'mood', mood: 'tired' }, now, [])).toMatchObject({ reason: 'slot_locked' });
  });

  it('is answered from what the trip stores where no search could be made', () => {
    const plan = ask(
      TRIP,
      { trigger: 'mood', mood: 'tired' },
      onDay(TRIP, 1, slotOf(TRIP, 'day-1-slot-4').start),
      null,
    );
    expect(plan.source).toBe('fallback');
    expect(plan.options.length).toBeGreaterThan(0);
    for (const { venues } of plan.options) expect(venues).toEqual([]);
  });

  it('where nothing fits into the visit that goes on, looks at the next one, unless the slot was named', () => {
    const slot = slotOf(TRIP, 'day-1-slot-4');
    const late = onDay(TRIP, 1, slot.end - 10);
    const candidates = around(TRIP.venues[slot.venueId]!.location);
    const plan = ask(TRIP, { trigger: 'mood', mood: 'want_quiet' }, late, candidates);
    for (const { changes } of plan.options) expect(changes[0]!.slotId).not.toBe(slot.id);
    expect(plan.options.length).toBeGreaterThan(0);
    const named = ask(TRIP, { trigger: 'mood', mood: 'want_quiet', slotId: slot.id }, late, candidates);
    expect(named).toMatchObject({ options: [], reason: 'nothing_suits_the_mood' });
  });
});
