/** What a traveller does with one slot of a trip: looks, decides, goes, and says how it was. */
import type { Random } from '../../core/experiment/random.ts';
import type { SlotStatus } from '../../core/itinerary/trip.ts';
import { type ShadowVenue, type SituationOfStop, sigmoid, taste } from './choice-model.ts';
import { ASKED, drawIntention } from './intentions.ts';
import { askForPivot } from './pivots.ts';
import { shadowId } from './settings.ts';
import type { NewSignal } from './shadow-signals.ts';
import type { SlotCase } from './slot-case.ts';
import { signalContext } from './trip-scene.ts';

/** Behaviour around the decision; the decision itself is `choice-model.ts`. */
export const HABITS = {
  /** One looks through the alternatives until one of them is worth so much, in logits. */
  swapThreshold: 1.5,
  linger: -0.1,
  /** Of visits, how many are judged with a thumb where the visit was not lukewarm. */
  thumbs: 0.5,
  thumbUpFrom: 0.7,
  thumbDownBelow: -0.5,
  /** Of refused places, how many that one dislikes get a thumb too. */
  thumbAtSkip: 0.12,
} as const;

export interface LivedSlot {
  status: SlotStatus;
  /** What stands there in the end. */
  place: ShadowVenue;
  /** How it was, in logits; null where one did not go. */
  satisfaction: number | null;
}

export function liveSlot(one: SlotCase, random: Random): LivedSlot {
  const { traveller, scene, day, drawn, course, slotId } = one;
  const { stop, place } = drawn;
  const { company } = scene;
  const situation: SituationOfStop = {
    dayPart: stop.dayPart,
    tripDay: day.number,
    isMeal: stop.role !== 'activity',
    weather: day.weather,
  };
  const utilityOf = (other: ShadowVenue) => {
    const { known, hidden } = taste(traveller.chooser, other, company);
    return known + hidden + course.effect(other, situation);
  };
  const write = (type: NewSignal['type'], about: ShadowVenue, at: number, more: Record<string, unknown> = {}) =>
    traveller.signals.write({
      type,
      place: about,
      tripId: scene.id,
      slotId,
      context: { ...signalContext(day, stop.dayPart, about, company), ...more },
      at,
    });

  const visit = (where: ShadowVenue, status: SlotStatus): LivedSlot => {
    const { known, hidden } = taste(traveller.chooser, where, company);
    // Having been there one knows better: the hidden part weighs more than it did in the choice.
    const satisfaction = 0.6 * known + 1.4 * hidden + 0.3 * course.effect(where, situation) + 0.8 * random.normal();
    course.take(where);
    traveller.been.add(where.venue.id);
    const end = day.at(drawn.end);
    if (random.chance(sigmoid(satisfaction + HABITS.linger))) write('slot_linger', where, end);
    const thumb =
      satisfaction > HABITS.thumbUpFrom ? 'thumbs_up' : satisfaction < HABITS.thumbDownBelow ? 'thumbs_down' : null;
    if (thumb && random.chance(HABITS.thumbs)) write(thumb, where, end + 60_000 * (2 + random.int(20)));
    return { status, place: where, satisfaction };
  };

  const looksAt = day.at(drawn.start) - 1000 * (20 * 60 + random.int(900));
  const brought = askForPivot(one, utilityOf, looksAt - 120_000, random);
  if (brought) return visit(brought, 'swapped');

  write('slot_view', place, looksAt);
  const utility = utilityOf(place);
  if (random.chance(sigmoid(utility))) {
    const thought = 1500 + random.int(9000);
    write('slot_accept', place, looksAt + thought, { time_to_action_ms: thought });
    return visit(place, 'accepted');
  }

  // Who is put off at once does not think about it.
  const thought = utility < -1.5 ? 500 + random.int(1400) : 2200 + random.int(9000);
  let decidedAt = looksAt + thought;
  let instead: ShadowVenue | null = null;
  for (const other of drawn.alternatives) {
    decidedAt += 1000 + random.int(4000);
    write('slot_view', other.place, decidedAt);
    const felt = utilityOf(other.place) + 0.8 * random.normal();
    if (felt <= HABITS.swapThreshold) continue;
    instead = other.place;
    break;
  }
  decidedAt += 800;
  const beenThere = traveller.been.has(place.venue.id);
  if (instead)
    write('slot_swap', place, decidedAt, {
      time_to_action_ms: decidedAt - looksAt,
      replacement_venue_id: instead.venue.id,
    });
  else write('slot_skip', place, decidedAt, { time_to_action_ms: thought });
  if (utility < -1 && random.chance(HABITS.thumbAtSkip)) write('thumbs_down', place, decidedAt + 700);
  if (traveller.reasonsLeft > 0 && random.chance(ASKED)) {
    traveller.reasonsLeft--;
    const reason = drawIntention({ venue: place.venue, company, beenThere }, random);
    const id = write('intention', place, decidedAt + 3000, { reason });
    traveller.rows.intention_signals.push({
      id,
      behavioral_signal_id: id,
      intention: reason,
      confidence: 1,
      created_at: new Date(decidedAt + 3000).toISOString(),
    });
  }
  if (!instead) return { status: 'skipped', place, satisfaction: null };
  return visit(instead, 'swapped');
}

export const slotId = (seed: number, trip: number, n: number) => shadowId(seed, 'slot', `${trip}.${n}`);
