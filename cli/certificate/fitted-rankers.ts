/**
 * Rankers that are fitted to a past of either world, the simulated and the real one, and so rank the places of both: the floors of
 * `models/floors`, by the same code with the same parameters.
 */
import { Random } from '../../core/experiment/random.ts';
import { FLOORS } from '../../models/floors/index.ts';
import { ChoiceModelAgent } from '../../simulation/agents/choice-agent.ts';
import { pastOf } from '../../simulation/agents/past.ts';
import { OFFERED, type RankerView, type Recommender } from '../../simulation/agents/recommender.ts';
import { SimCity } from '../../simulation/agents/sim-city.ts';
import type { Simulation } from '../../simulation/agents/simulate.ts';
import { travellerAt } from '../../simulation/agents/traveller.ts';
import type { Interactions } from '../../training/data/dataset.ts';

export const FITTED = ['popularity', 'recency', 'item-knn', 'markov'] as const;
export type FittedVariant = (typeof FITTED)[number];

/** What was gone to, or refused, in order of users, then of time. */
export interface PastRow {
  user: string;
  place: string;
  time: number;
  accepted: boolean;
}

export function interactionsOf(rows: readonly PastRow[], places: readonly string[]): Interactions {
  const users = [...new Set(rows.map(({ user }) => user))];
  const userIndex = new Map(users.map((id, i) => [id, i]));
  const placeIndex = new Map(places.map((id, i) => [id, i]));
  return {
    users,
    items: places,
    user: Int32Array.from(rows, ({ user }) => userIndex.get(user)!),
    item: Int32Array.from(rows, ({ place }) => placeIndex.get(place)!),
    time: Float64Array.from(rows, ({ time }) => time),
    accepted: Uint8Array.from(rows, ({ accepted }) => (accepted ? 1 : 0)),
    weight: new Float32Array(rows.length).fill(1),
    rating: null,
  };
}

/** So many travellers have a past that is learned from, for each that is simulated; the warm ones among them. */
const TAUGHT = 5;

/** The trips that other simulated travellers made before: nobody whose decisions are predicted is among them. */
export function simulatedPast({ settings, cities }: Simulation, latentShare: number): Interactions {
  const { seed, travellers, archetypes } = settings;
  const places = cities.map((city) => new SimCity(city));
  const request = { seed, archetypes, cities: places.map(({ slug }) => slug) };
  const agent = new ChoiceModelAgent(seed, latentShare);
  const rows = Array.from({ length: TAUGHT * travellers }, (_, i) => {
    const traveller = travellerAt(request, travellers + i);
    const { history } = pastOf(traveller, places, agent, seed);
    return history.map(({ venueId, at, accepted }): PastRow => {
      return { user: traveller.id, place: venueId, time: at, accepted };
    });
  }).flat();
  return interactionsOf(rows, [...new Set(places.flatMap(({ venues }) => venues.map(({ id }) => id)))]);
}

/** Ranks the pool by what it learned from `past`, from what was taken before the view; ties, and unknown places, by chance. */
export async function fittedRecommender(
  variant: FittedVariant,
  past: Interactions,
  seed: number,
): Promise<Recommender> {
  const lineage = { sources: [], rows: {}, synthetic: true };
  const dataset = { interactions: past, lineage, own: null };
  const model = await FLOORS[variant]!({ train: past, validation: [], dataset, seed });
  const index = new Map(past.items.map((id, i) => [id, i]));
  const version = `${variant}@certificate`;
  const takenBefore = ({ history }: RankerView) =>
    history.flatMap(({ venueId, accepted }) => {
      const item = index.get(venueId);
      return accepted && item !== undefined ? [item] : [];
    });
  return {
    version,
    async recommend(views) {
      const scores = await model.score(
        views.map((view, id) => ({
          id,
          user: -1,
          history: Int32Array.from(takenBefore(view)),
          target: -1,
          time: view.moment.at,
          candidates: null,
          segment: {},
          index: -1,
        })),
      );
      return views.map(({ pool, seed: drawn, slotKey }, v) => {
        const draws = Random.of(drawn, `ties/${variant}/${slotKey}`);
        const ranked = pool
          .map((venue) => ({ venue, score: scoreOf(scores[v]!, index.get(venue.id)), tie: draws.uniform() }))
          .sort((a, b) => b.score - a.score || a.tie - b.tie)
          .slice(0, OFFERED)
          .map(({ venue }) => venue);
        return { ranked, modelVersion: version, confidence: null };
      });
    },
  };
}

/** A finite least, so that two unknown places are tied. */
const scoreOf = (row: Float32Array, item: number | undefined) => (item === undefined ? -Number.MAX_VALUE : row[item]!);
