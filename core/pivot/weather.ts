/** Rain turns the outdoor slots of the rest of a day into suggestions for indoor venues. */
import type { Trip, TripSlot } from '../itinerary/trip.ts';
import { changedTrip } from './apply-pivot.ts';
import { clock, listed, placePhrase } from './facts.ts';
import { type Moment, momentAt } from './moment.ts';
import { type Drafts, MAX_PIVOT_OPTIONS, type PivotChange, type PivotDraft } from './pivot.ts';
import { fittingAlternatives } from './stored-alternatives.ts';
import { exposedSlots, exposureOf } from './weather-exposure.ts';

/** Indoor places for one slot, as the changes that bring them there. */
function indoorChanges(trip: Trip, slot: TripSlot, moment: Moment, atMost: number): PivotChange[] {
  return fittingAlternatives(
    trip,
    slot,
    momentAt(trip, moment, slot),
    atMost,
    (venue) => exposureOf(venue) === 'none',
  ).map(({ venue, score, start, end }) => ({ slotId: slot.id, from: slot.venueId, to: venue.id, start, end, score }));
}

/** An indoor place for each of the slots that have one, given what the others have become. */
function moveAllIndoors(trip: Trip, slots: readonly TripSlot[], moment: Moment): PivotChange[] {
  let changed = trip;
  const changes: PivotChange[] = [];
  for (const { id } of slots) {
    const slot = changed.slots.find((candidate) => candidate.id === id)!;
    const [change] = indoorChanges(changed, slot, moment, 1);
    if (!change) continue;
    changes.push(change);
    changed = changedTrip(changed, { changes: [change], venues: [] });
  }
  return changes;
}

function draftOf(trip: Trip, changes: PivotChange[]): PivotDraft {
  const [first] = changes;
  const names = (of: (change: PivotChange) => string) => listed(changes.map((c) => trip.venues[of(c)]!.name));
  const partly = changes.some(({ from }) => exposureOf(trip.venues[from]!) === 'partly') ? 'partly or fully ' : '';
  const text =
    changes.length === 1 && first
      ? `${trip.venues[first.from]!.name} is ${partly && 'partly '}outdoors; ${placePhrase(trip.venues[first.to!]!)}, is sheltered and could take its place at ${clock(first.start)}.`
      : `${names((c) => c.from)} are ${partly}outdoors; ${names((c) => c.to!)} are sheltered.`;
  const code = changes.length === 1 ? 'indoor_instead' : 'indoor_day';
  return { reason: { code, text }, changes, venues: [], closedVenueId: null };
}

/**
 * First one slot (the one that is named, or the first that is outdoors), then all that are outdoors, then what is only
 * partly outdoors too; where that is all the same, other places for the one slot. From what the trip stores. `alone`: only
 * the slot that is named.
 */
export function weatherDrafts(trip: Trip, moment: Moment, named: boolean, alone = false): Drafts {
  const { slot, notBefore } = moment;
  const exposed = exposedSlots(trip, slot.dayNumber, notBefore).filter(
    (e) => e.slot.status !== 'locked' && (alone ? e.slot.id === slot.id : e.slot.order >= slot.order),
  );
  if (exposed.length === 0) return 'nothing_exposed';

  const asked = named ? exposed.find((e) => e.slot.id === slot.id) : undefined;
  const inTurn = [...(asked ? [asked] : []), ...exposed.filter((e) => e !== asked)].map((e) => e.slot);
  const first = inTurn
    .map((candidate) => indoorChanges(trip, candidate, moment, MAX_PIVOT_OPTIONS))
    .find((changes) => changes.length > 0);
  if (!first) return 'no_alternative_fits';

  const outdoors = exposed.filter((e) => e.exposure === 'fully').map((e) => e.slot);
  const all = moveAllIndoors(trip, outdoors, moment);
  const allAndPartly = moveAllIndoors(
    trip,
    exposed.map((e) => e.slot),
    moment,
  );
  const [least, ...others] = first.map((change) => [change]);
  return [least!, all, allAndPartly, ...others]
    .filter((changes) => changes.length > 0)
    .map((changes) =>
      draftOf(
        trip,
        changes.toSorted((a, b) => a.start - b.start),
      ),
    );
}
