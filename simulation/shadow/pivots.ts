/** Days that do not go as planned: somebody asks for another place, and takes it, or does not. */
import type { Random } from '../../core/experiment/random.ts';
import type { Mood, PivotTrigger } from '../../core/pivot/pivot.ts';
import { MAX_PIVOT_OPTIONS, MOODS } from '../../core/pivot/pivot.ts';
import type { SignalType } from '../../core/signal/signal.ts';
import { type ShadowVenue, sigmoid } from './choice-model.ts';
import { shadowId } from './settings.ts';
import type { SlotCase } from './slot-case.ts';
import { signalContext } from './trip-scene.ts';

/** That a slot gives rise to a pivot. */
export const PIVOT_CHANCE = {
  /** Of places outdoors while it rains or snows. */
  weather: 0.08,
  mood: 0.01,
  venue_closed: 0.004,
  running_late: 0.003,
} as const;
/** Of those asked for, so many get no answer. */
const IGNORED = 0.2;
const EXPIRES_MS = 15 * 60_000;
const WET: ReadonlySet<string> = new Set(['rain', 'heavy_rain', 'snow']);

const REASONS: Partial<Record<PivotTrigger, string>> = {
  weather: 'indoor_instead',
  venue_closed: 'open_instead',
  running_late: 'replace',
};

function triggerOf({ day, drawn }: SlotCase, random: Random): PivotTrigger | null {
  // Each is drawn whether or not it applies, so that one chance does not move the others.
  const draws = [random.uniform(), random.uniform(), random.uniform(), random.uniform()];
  if (WET.has(day.weather) && drawn.place.venue.setting === 'outdoor' && draws[0]! < PIVOT_CHANCE.weather)
    return 'weather';
  if (draws[1]! < PIVOT_CHANCE.venue_closed) return 'venue_closed';
  if (draws[2]! < PIVOT_CHANCE.mood) return 'mood';
  return draws[3]! < PIVOT_CHANCE.running_late ? 'running_late' : null;
}

/** Answers the venue that the pivot brings; null where there was none, or where it was not taken. */
export function askForPivot(
  one: SlotCase,
  utilityOf: (place: ShadowVenue) => number,
  at: number,
  random: Random,
): ShadowVenue | null {
  const { traveller, scene, day, drawn, slotId } = one;
  const trigger = triggerOf(one, random);
  if (trigger === null || drawn.alternatives.length === 0) return null;
  const mood: Mood | null = trigger === 'mood' ? random.pick(MOODS) : null;
  const sheltered = drawn.alternatives.filter(
    ({ place }) => trigger !== 'weather' || place.venue.setting !== 'outdoor',
  );
  const offered = (sheltered.length > 0 ? sheltered : drawn.alternatives).slice(0, MAX_PIVOT_OPTIONS);

  const { seed } = traveller;
  const index = `${scene.planned.index}.${slotId}`;
  const eventId = shadowId(seed, 'pivot', index);
  const options = offered.map(({ place, start, end }, i) => ({
    id: shadowId(seed, 'option', `${index}.${i}`),
    reason_code: mood ? `mood_${mood}` : REASONS[trigger]!,
    changes: [
      {
        slot_id: slotId,
        from: drawn.place.venue.id,
        to: place.venue.id,
        starts_at: new Date(day.at(start)).toISOString(),
        ends_at: new Date(day.at(end)).toISOString(),
      },
    ],
  }));
  const felt = offered.map(({ place }) => utilityOf(place) + 0.5 * random.normal());
  const best = felt.indexOf(Math.max(...felt));
  const ignored = random.chance(IGNORED);
  // Where the place is shut there is nothing to go back to.
  const staying = trigger === 'venue_closed' ? -2 : utilityOf(drawn.place);
  const accepted = !ignored && random.chance(sigmoid(felt[best]! - staying));
  const response = ignored ? 'ignore' : accepted ? 'accept' : 'dismiss';
  const answeredAt = ignored ? at + EXPIRES_MS : at + 2000 + random.int(25_000);
  traveller.rows.pivot_events.push({
    id: eventId,
    trip_id: scene.id,
    slot_id: slotId,
    actor_key: traveller.signals.actorKey,
    trigger,
    mood,
    options,
    response,
    option_id: accepted ? options[best]!.id : null,
    created_at: new Date(at).toISOString(),
    expires_at: new Date(at + EXPIRES_MS).toISOString(),
    responded_at: new Date(answeredAt).toISOString(),
  });

  const about = accepted ? offered[best]!.place : drawn.place;
  const write = (type: SignalType, place: ShadowVenue, when: number) =>
    traveller.signals.write({
      type,
      place,
      tripId: scene.id,
      slotId,
      context: {
        ...signalContext(day, drawn.stop.dayPart, place, scene.company),
        event_id: eventId,
        trigger,
        ...(mood ? { mood } : {}),
      },
      at: when,
    });
  write('pivot_requested', drawn.place, at);
  write(`pivot_${response}`, about, answeredAt);
  return accepted ? about : null;
}
