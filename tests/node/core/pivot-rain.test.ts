import { describe, expect, it } from 'vitest';
import { wallClock } from '../../../core/itinerary/local-time.ts';
import type { Trip } from '../../../core/itinerary/trip.ts';
import { dateOfDay, daySlots } from '../../../core/itinerary/trip-changes.ts';
import { hasBegun } from '../../../core/pivot/apply-pivot.ts';
import { hearOf, rainNote, slotsInRain, type ToldRain } from '../../../core/pivot/rain.ts';
import { exposureOf } from '../../../core/pivot/weather-exposure.ts';
import type { Spell } from '../../../core/weather/rain.ts';
import { ask, liveTrip, onDay, slotOf, withSlot } from './fixtures/live-trip.ts';

const TRIP = liveTrip({ tags: { interests: ['nature', 'hiking'] }, days: 5, budgetBand: 'high' });
const outdoors = (trip: Trip, day: number) =>
  daySlots(trip, day).filter(({ venueId }) => exposureOf(trip.venues[venueId]!) === 'fully');
/** A day with two visits outdoors, at least. */
const DAY = [1, 2, 3, 4, 5].find((day) => outdoors(TRIP, day).length > 1)!;
const [FIRST, SECOND] = outdoors(TRIP, DAY) as [Trip['slots'][number], Trip['slots'][number]];
const EARLY = onDay(TRIP, DAY, 6 * 60);

const instant = (day: number, minutes: number) =>
  Date.parse(wallClock(dateOfDay(TRIP, day), minutes, TRIP.city.timeZone));
/** Rain between two minutes of a day. */
const rain = (from: number, to: number, day = DAY): Spell => ({ from: instant(day, from), to: instant(day, to) });
const met = (spells: Spell[], now = EARLY, trip = TRIP) => slotsInRain(trip, now, spells).map(({ slot }) => slot.id);

describe('rain meets', () => {
  it('what is outdoors while it falls, and nothing else', () => {
    expect(met([rain(0, 24 * 60)])).toEqual(outdoors(TRIP, DAY).map(({ id }) => id));
    expect(daySlots(TRIP, DAY).length).toBeGreaterThan(outdoors(TRIP, DAY).length);
    expect(met([rain(SECOND.start, SECOND.end)])).toEqual([SECOND.id]);
    expect(met([])).toEqual([]);
  });

  it('a visit that it touches by a minute, but not one that it ends or begins with', () => {
    expect(met([rain(FIRST.start - 60, FIRST.start + 1)])).toEqual([FIRST.id]);
    expect(met([rain(FIRST.end - 1, FIRST.end)])).toEqual([FIRST.id]);
    expect(met([rain(FIRST.start - 60, FIRST.start)])).toEqual([]);
    expect(met([rain(FIRST.end, FIRST.end + 1)])).toEqual([]);
  });

  it('what is still to begin today, on the clock of the city', () => {
    const all = [rain(0, 24 * 60)];
    expect(met(all, onDay(TRIP, DAY, FIRST.start - 1))).toContain(FIRST.id);
    expect(met(all, onDay(TRIP, DAY, FIRST.start))).not.toContain(FIRST.id);
    expect(met(all, onDay(TRIP, DAY, 23 * 60 + 59))).toEqual([]);
    expect(met(all, onDay(TRIP, DAY === 5 ? 1 : DAY + 1, 6 * 60))).toEqual([]);
  });

  it('nothing that is locked or left out, and no trip that is not under way', () => {
    const all = [rain(0, 24 * 60)];
    for (const status of ['locked', 'skipped'] as const) {
      expect(met(all, EARLY, withSlot(TRIP, FIRST.id, { status }))).not.toContain(FIRST.id);
    }
    for (const status of ['planning', 'completed', 'cancelled'] as const) {
      expect(met(all, EARLY, { ...TRIP, status })).toEqual([]);
    }
  });

  it('no place that is only partly outdoors', () => {
    const partly = { ...TRIP.venues[FIRST.venueId]!, setting: 'mixed' as const, vibeTags: [] };
    const trip = { ...TRIP, venues: { ...TRIP.venues, [partly.id]: partly } };
    expect(met([rain(0, 24 * 60)], EARLY, trip)).not.toContain(FIRST.id);
  });

  it('a slot from the first shower to the last', () => {
    const { start, end } = FIRST;
    const spells = [rain(start - 90, start + 10), rain(end - 10, end + 30), rain(end + 120, end + 180)];
    const [rained] = slotsInRain(TRIP, EARLY, spells);
    expect(rained!.spell).toEqual(rain(start - 90, end + 30));
  });
});

describe('the note', () => {
  it('says when, on the clock of the city', () => {
    const slot = slotOf(TRIP, FIRST.id);
    expect(rainNote(TRIP, { slot, spell: rain(13 * 60, 15 * 60) })).toBe('Rain is expected between 13:00 and 15:00.');
    expect(rainNote(TRIP, { slot, spell: rain(-120, 15 * 60) })).toBe('Rain is expected between 00:00 and 15:00.');
  });
});

describe('rain is news', () => {
  const of = (spell: Spell, slot = FIRST) => ({ slot, spell });
  const toldOf = (...heard: ReturnType<typeof of>[]) =>
    heard.reduce<readonly ToldRain[]>((told, next) => hearOf(told, next).told, []);

  it('once for a slot, however the forecast moves as long as it is the same rain', () => {
    const told = toldOf(of(rain(600, 720)));
    for (const same of [rain(600, 720), rain(660, 680), rain(540, 600), rain(720, 780), rain(500, 900)]) {
      expect(hearOf(told, of(same)).news).toBe(false);
    }
    expect(hearOf(told, of(rain(600, 720))).told).toBe(told);
    const drifted = toldOf(of(rain(600, 720)), of(rain(700, 800)), of(rain(790, 850)));
    expect(hearOf(drifted, of(rain(620, 640))).news).toBe(false);
    expect(drifted).toHaveLength(1);
  });

  it('again for other rain, and for another slot', () => {
    const told = toldOf(of(rain(600, 720)));
    expect(hearOf(told, of(rain(721, 780))).news).toBe(true);
    expect(hearOf(told, of(rain(600, 720), SECOND)).news).toBe(true);
    expect(toldOf(of(rain(600, 720)), of(rain(721, 780)), of(rain(600, 720), SECOND))).toHaveLength(3);
  });
});

describe('a suggestion for one slot', () => {
  it('leaves the other slots alone', () => {
    const asked = ask(TRIP, { trigger: 'weather', slotId: FIRST.id }, EARLY).options;
    expect(asked.some(({ changes }) => changes.length > 1)).toBe(true);
    const { options } = ask(TRIP, { trigger: 'weather', slotId: FIRST.id, alone: true }, EARLY);
    expect(options.length).toBeGreaterThan(0);
    for (const { changes } of options) {
      expect(changes.map(({ slotId }) => slotId)).toEqual([FIRST.id]);
      expect(exposureOf(TRIP.venues[changes[0]!.to!]!)).toBe('none');
    }
  });

  it('comes too late once the visit that it brings would have begun', () => {
    const [option] = ask(TRIP, { trigger: 'weather', slotId: FIRST.id, alone: true }, EARLY).options;
    const { start } = option!.changes[0]!;
    expect(hasBegun(TRIP, option!, onDay(TRIP, DAY, start))).toBe(false);
    expect(hasBegun(TRIP, option!, onDay(TRIP, DAY, start + 1))).toBe(true);
    expect(hasBegun(TRIP, option!, onDay(TRIP, DAY + 1, 0))).toBe(true);
  });
});
