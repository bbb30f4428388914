/** Which visits of today rain is going to spoil, and of which the travellers have been told. */
import { daysBetween, minutesInto, wallClock } from '../itinerary/local-time.ts';
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { dateOfDay, type LocalNow } from '../itinerary/trip-changes.ts';
import type { Spell } from '../weather/rain.ts';
import { clock } from './facts.ts';
import { exposedSlots } from './weather-exposure.ts';

export interface SlotInRain {
  slot: TripSlot;
  /** From the first rain that meets the slot to the end of the last. */
  spell: Spell;
  /** When the visit begins, milliseconds since the epoch. */
  begins: number;
}

/**
 * The slots of today that are outdoors, unlocked and still to begin, and meet rain, in the order of the day. Places that
 * are only partly outdoors are left to the travellers, who may ask. Nothing for a trip that is not under way.
 */
export function slotsInRain(trip: Trip, now: LocalNow, spells: readonly Spell[]): SlotInRain[] {
  if (trip.status !== 'active') return [];
  const today = daysBetween(trip.startDate, now.date) + 1;
  const instant = (minutes: number) => Date.parse(wallClock(now.date, minutes, trip.city.timeZone));
  return exposedSlots(trip, today, now.minutes).flatMap(({ slot, exposure }): SlotInRain[] => {
    if (exposure !== 'fully' || slot.status === 'locked' || slot.start <= now.minutes) return [];
    const [start, end] = [instant(slot.start), instant(slot.end)];
    const met = spells.filter(({ from, to }) => from < end && to > start);
    if (met.length === 0) return [];
    const spell = { from: Math.min(...met.map(({ from }) => from)), to: Math.max(...met.map(({ to }) => to)) };
    return [{ slot, spell, begins: start }];
  });
}

/** "Rain is expected between 14:00 and 16:00." */
export function rainNote(trip: Trip, { slot, spell }: Pick<SlotInRain, 'slot' | 'spell'>): string {
  const date = dateOfDay(trip, slot.dayNumber);
  const at = (instant: number) => clock(Math.max(0, minutesInto(date, trip.city.timeZone, instant)));
  return `Rain is expected between ${at(spell.from)} and ${at(spell.to)}.`;
}

/** Rain of which the travellers were told, for a slot. */
export interface ToldRain extends Spell {
  slotId: string;
}

/**
 * Whether a slot's rain is news. Forecasts move: rain that overlaps or adjoins what was told for the slot is that rain,
 * and what is known of it grows. `told` is what holds once they are told; the same object where that is nothing new.
 */
export function hearOf(
  told: readonly ToldRain[],
  { slot, spell }: Pick<SlotInRain, 'slot' | 'spell'>,
): { news: boolean; told: readonly ToldRain[] } {
  const isSame = (known: ToldRain) => known.slotId === slot.id && known.from <= spell.to && known.to >= spell.from;
  const same = told.filter(isSame);
  if (same.length === 1 && same[0]!.from <= spell.from && same[0]!.to >= spell.to) return { news: false, told };
  const all = [spell, ...same];
  const grown = {
    slotId: slot.id,
    from: Math.min(...all.map(({ from }) => from)),
    to: Math.max(...all.map(({ to }) => to)),
  };
  return { news: same.length === 0, told: [...told.filter((known) => !isSame(known)), grown] };
}
