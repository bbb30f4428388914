/** One trip from its plan to the look back on it. */
import { Random } from '../../core/experiment/random.ts';
import { Course, type ShadowVenue } from './choice-model.ts';
import { swipeCards } from './discovery.ts';
import { drawTrip } from './drawn-trip.ts';
import { liveSlot, slotId } from './lived-slot.ts';
import type { PlannedTrip } from './population-plan.ts';
import type { ReadyCity } from './shadow-city.ts';
import type { Traveller } from './traveller.ts';
import { writeSlot, writeTrip } from './trip-rows.ts';
import { signalContext, type TripScene, tripScene } from './trip-scene.ts';

/** Of slots of a trip that is still to come, how many have been looked at. */
const LOOKED_AT = 0.5;
const MOST_RATED = 4;
const HOUR_MS = 3_600_000;

interface Visited {
  slotId: string;
  place: ShadowVenue;
  satisfaction: number;
}

export function liveTrip(traveller: Traveller, ready: ReadyCity, planned: PlannedTrip): void {
  const { seed, user, chooser } = traveller;
  const { archetype } = user;
  const scene = tripScene(seed, planned, { ...planned.party, budget: archetype.budget });
  if (planned.discovery) swipeCards(traveller, ready, scene);
  const drawn = drawTrip(
    ready,
    chooser,
    { startDate: planned.startDate, days: planned.days, values: archetype, company: scene.company },
    Random.of(seed, `draw/${planned.index}`),
  );
  const events = writeTrip(traveller, scene, drawn);

  const random = Random.of(seed, `life/${planned.index}`);
  const course = new Course(chooser, traveller.been);
  const visited: Visited[] = [];
  let n = 0;
  for (const day of scene.days) {
    course.beginDay();
    let order = 0;
    drawn.moments.forEach((moment, m) => {
      if (moment.dayNumber !== day.number) return;
      for (const slot of moment.slots) {
        const id = slotId(seed, planned.index, n++);
        const lived =
          day.number <= planned.livedDays
            ? liveSlot({ traveller, scene, day, slotId: id, drawn: slot, course }, random)
            : null;
        if (lived === null && planned.status === 'planning' && random.chance(LOOKED_AT)) {
          traveller.signals.write({
            type: 'slot_view',
            place: slot.place,
            tripId: scene.id,
            slotId: id,
            context: signalContext({ ...day }, slot.stop.dayPart, slot.place, scene.company),
            at: scene.plannedAt + 60_000 + 4000 * n,
          });
        }
        writeSlot(traveller, scene, day, slot, { id, order: ++order, rankingEventId: events[m]! }, lived);
        if (lived && lived.satisfaction !== null) {
          visited.push({ slotId: id, place: lived.place, satisfaction: lived.satisfaction });
        }
      }
    });
  }
  if (planned.status === 'completed' || planned.status === 'shortened') lookBack(traveller, scene, visited, random);
}

/** The trip as a whole is rated, and a few of its visits. */
function lookBack({ signals }: Traveller, scene: TripScene, visited: readonly Visited[], random: Random): void {
  const last = scene.days[Math.max(0, scene.planned.livedDays - 1)]!;
  const at = last.at(24 * 60) + Math.round((6 + 40 * random.uniform()) * HOUR_MS);
  const { size } = scene.company;
  const mean = visited.reduce((sum, { satisfaction }) => sum + satisfaction, 0) / Math.max(1, visited.length);
  signals.write({
    type: 'post_trip',
    place: null,
    tripId: scene.id,
    slotId: null,
    context: { rating: ratingOf(mean + 0.4 * random.normal()), group_size: size },
    at,
  });
  const rated = random.shuffle([...visited]).slice(0, MOST_RATED);
  rated.forEach(({ slotId: slot, place, satisfaction }, i) => {
    signals.write({
      type: 'post_trip',
      place,
      tripId: scene.id,
      slotId: slot,
      context: { rating: ratingOf(satisfaction + 0.5 * random.normal()), group_size: size },
      at: at + 8000 * (i + 1),
    });
  });
}

/** From logits to 1 to 5. */
export function ratingOf(satisfaction: number): number {
  return Math.max(1, Math.min(5, Math.round(3.2 + 0.9 * satisfaction)));
}
