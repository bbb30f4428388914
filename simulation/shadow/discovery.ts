/** Cards swiped before a trip: a ranking like any other, and a threshold that is each traveller's own. */
import { Random } from '../../core/experiment/random.ts';
import { type Chooser, sigmoid, taste } from './choice-model.ts';
import { appealOf, drawByUnits, GRID, inclusionUnits, policyLogit, policyScore } from './logging-policy.ts';
import { SHADOW_POLICY, shadowId } from './settings.ts';
import { type ReadyCity, takesCompany } from './shadow-city.ts';
import type { Traveller } from './traveller.ts';
import { rankingSnapshot } from './trip-rows.ts';
import type { TripScene } from './trip-scene.ts';

export const SWIPES = {
  /** Of the chance to like the venue, before the noise. */
  threshold: 0.66,
  /** Of the threshold, either way, drawn once a traveller: swipes are not an echo of what is taken on trips. */
  noise: 0.15,
  fewestCards: 15,
  mostCards: 18,
} as const;

const PART = 'afternoon';
const BEFORE_PLANNING_MS = 2 * 3_600_000;

/** Follows from seed and user alone. */
export function swipeThreshold(seed: number, user: number): number {
  const noise = 2 * Random.of(seed, `swipes/${user}`).uniform() - 1;
  return SWIPES.threshold * (1 + SWIPES.noise * noise);
}

/** In [0, 1]: how a card appeals, trip and company apart. */
function appeal(chooser: Chooser, place: Parameters<typeof taste>[1], scene: TripScene, random: Random): number {
  const { known, hidden } = taste(chooser, place, scene.company);
  // A picture tells less than a visit, and misleads a little.
  return sigmoid(known + 0.6 * hidden + 0.5 * random.normal());
}

export function swipeCards(traveller: Traveller, ready: ReadyCity, scene: TripScene): void {
  const { seed, chooser, signals, rows, user } = traveller;
  const { index } = scene.planned;
  const random = Random.of(seed, `discovery/${index}`);
  const candidates = ready.candidates(chooser);
  const scores = candidates.map((place) => policyScore(policyLogit(chooser, place, scene.company), place, PART));
  const pool = candidates.flatMap((place, i) =>
    takesCompany(place, scene.company) && !traveller.swiped.has(place.venue.id) ? [i] : [],
  );
  const cards = Math.min(pool.length, SWIPES.fewestCards + random.int(SWIPES.mostCards - SWIPES.fewestCards + 1));
  if (cards === 0) return;
  const units = inclusionUnits(
    pool.map((i) => appealOf(scores[i]!)),
    cards,
  );
  const drawn = drawByUnits(units, random).map((k) => pool[k]!);
  const propensities = candidates.map(() => 0);
  pool.forEach((i, k) => {
    propensities[i] = units[k]! / GRID;
  });

  const rankingEventId = shadowId(seed, 'ranking', `discovery.${index}`);
  const at = scene.plannedAt - BEFORE_PLANNING_MS;
  const candidateSet = signals.write({
    type: 'candidate_set_logged',
    place: null,
    tripId: null,
    slotId: null,
    context: {
      full_candidate_set: {
        v: 1,
        venue_ids: candidates.map(({ venue }) => venue.id),
        rankings: [
          {
            ranking_event_id: rankingEventId,
            day_number: 1,
            day_part: PART,
            scores: 0,
            shown: drawn,
            propensity: { list: 0 },
          },
        ],
        scores: [scores],
        propensities: [propensities],
      },
    },
    at,
  });
  rows.ranking_events.push({
    id: rankingEventId,
    actor_key: signals.actorKey,
    trip_id: null,
    city_id: ready.city.id,
    kind: 'discovery',
    day_number: null,
    day_part: PART,
    candidate_set_signal_id: candidateSet,
    model_version: SHADOW_POLICY,
    feature_snapshot: rankingSnapshot(traveller, ready.city, scene.company, PART, 1),
    created_at: new Date(at).toISOString(),
  });

  const threshold = swipeThreshold(seed, user.index);
  let now = at + 2000;
  for (const i of drawn) {
    const place = candidates[i]!;
    const thought = 700 + random.int(4000);
    now += thought;
    traveller.swiped.add(place.venue.id);
    signals.write({
      type: 'discovery_swipe',
      place,
      tripId: null,
      slotId: null,
      context: {
        direction: appeal(chooser, place, scene, random) > threshold ? 'right' : 'left',
        ranking_event_id: rankingEventId,
        day_part: PART,
        group_size: scene.company.size,
        time_to_action_ms: thought,
      },
      at: now,
    });
  }
}
