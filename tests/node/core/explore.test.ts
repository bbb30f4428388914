import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/experiment/random.ts';
import { exploreSlots } from '../../../core/itinerary/explore.ts';
import { fitVenue } from '../../../core/itinerary/fit.ts';
import { roomOfSlot } from '../../../core/itinerary/trip-changes.ts';
import { plannedTrip } from './fixtures/planned-trip.ts';

const TRIP = plannedTrip();
const RUNS = 4000;

describe('slots by lot', () => {
  it('leave the trip as it is where nothing is left to chance', () => {
    const { trip, chances, explored } = exploreSlots(TRIP, 0, Random.of(1));
    expect(trip).toBe(TRIP);
    expect([chances, explored]).toEqual([[], []]);
  });

  it('are the same again for the same seed, and others for another', () => {
    const once = exploreSlots(TRIP, 0.5, Random.of(1, 'trip'));
    expect(exploreSlots(TRIP, 0.5, Random.of(1, 'trip'))).toEqual(once);
    expect(exploreSlots(TRIP, 0.5, Random.of(2, 'trip')).explored).not.toEqual(once.explored);
  });

  it('show what fits: no venue twice, every rule of the day kept', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { trip, explored } = exploreSlots(TRIP, 1, Random.of(seed));
      const venues = trip.slots.map(({ venueId }) => venueId);
      expect(new Set(venues).size).toBe(venues.length);
      for (const id of explored) {
        const slot = trip.slots.find((one) => one.id === id)!;
        expect(fitVenue(trip.venues[slot.venueId]!, roomOfSlot(trip, slot)).fits).toBe(true);
        expect(slot.venueId).not.toBe(TRIP.slots.find((one) => one.id === id)!.venueId);
      }
      for (const slot of trip.slots) if (!explored.includes(slot.id)) expect(slot.venueId).toBe(venueOf(slot.id));
    }
  });

  it('leave locked slots alone', () => {
    const locked = { ...TRIP, slots: TRIP.slots.map((slot) => ({ ...slot, status: 'locked' as const })) };
    expect(exploreSlots(locked, 1, Random.of(1))).toMatchObject({ chances: [], explored: [] });
  });

  it('have the chances that are logged: they sum to 1, and are what many runs show', () => {
    const [first] = TRIP.slots;
    const shown = new Map<string, number>();
    let logged: ReadonlyMap<string, number> = new Map();
    for (let seed = 0; seed < RUNS; seed++) {
      const { trip, chances } = exploreSlots(TRIP, 0.3, Random.of(seed, 'frequency'));
      for (const { propensities } of chances) {
        expect([...propensities.values()].reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      }
      logged = chances[0]!.propensities;
      const { venueId } = trip.slots.find(({ id }) => id === first!.id)!;
      shown.set(venueId, (shown.get(venueId) ?? 0) + 1);
    }
    expect(logged.size).toBeGreaterThan(1);
    for (const [venueId, p] of logged) {
      const expected = RUNS * p;
      // Five standard deviations.
      expect(Math.abs((shown.get(venueId) ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected * (1 - p)));
    }
  });
});

const venueOf = (slotId: string) => TRIP.slots.find(({ id }) => id === slotId)!.venueId;
