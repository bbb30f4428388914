/** Small worlds of real visits, some of them made by the agent itself, so that what has to be found is known. */

import { placesByTourist } from '../../../../cli/certificate/real-places.ts';
import { momentOf, realTraveller } from '../../../../cli/certificate/real-traveller.ts';
import type { RealVisits } from '../../../../cli/certificate/real-visits.ts';
import { Random } from '../../../../core/experiment/random.ts';
import { NEUTRAL_DIMENSIONS } from '../../../../core/persona/dimensions.ts';
import type { Category } from '../../../../core/venue/vocabulary.ts';
import { ChoiceModelAgent } from '../../../../simulation/agents/choice-agent.ts';

const CATEGORIES: Category[] = ['museum', 'nightclub', 'park', 'sports_venue', 'cafe', 'theatre', 'beach', 'trail'];
const PLACES = 24;

export function visitsOf(trips: readonly { tourist: number; visits: readonly number[] }[]): RealVisits {
  const distance = Array.from({ length: PLACES }, (_, a) =>
    Float64Array.from({ length: PLACES }, (_, b) => (a === b ? Number.NaN : 500 * Math.abs(a - b))),
  );
  return {
    source: 'test',
    places: Array.from({ length: PLACES }, (_, i) => ({ id: String(i), category: CATEGORIES[i % CATEGORIES.length]! })),
    tourists: 1 + Math.max(...trips.map(({ tourist }) => tourist)),
    // An hour from visit to visit, a day from trip to trip.
    trips: trips.map(({ tourist, visits }, trip) => {
      const times = Float64Array.from(visits, (_, i) => (24 * trip + i) * 3_600_000);
      return { tourist, visits: Int32Array.from(visits), times };
    }),
    distance,
  };
}

/** Tourists who go where chance takes them: `visits` each. */
export function wanderers(tourists: number, visits: number): RealVisits {
  const random = Random.of(5, 'wanderers');
  const all = Array.from({ length: PLACES }, (_, i) => i);
  return visitsOf(
    Array.from({ length: tourists }, (_, tourist) => ({ tourist, visits: random.shuffle([...all]).slice(0, visits) })),
  );
}

/** Tourists who choose as the agent does, without a latent taste, among places that nobody speaks of. */
export function agentsThemselves(tourists: number, visits: number): RealVisits {
  const agent = new ChoiceModelAgent(99, 0);
  const { unheardOf } = placesByTourist(wanderers(2, 2), 1)(0);
  return visitsOf(
    Array.from({ length: tourists }, (_, tourist) => {
      const random = Random.of(3, `tourist/${tourist}`);
      const traveller = realTraveller(tourist, NEUTRAL_DIMENSIONS);
      const taken: number[] = [];
      for (let moment = 0; taken.length < visits && moment < 200; moment++) {
        const place = random.int(PLACES);
        if (taken.includes(place)) continue;
        if (agent.wouldTake(momentOf(traveller, moment), unheardOf[place]!)) taken.push(place);
      }
      return { tourist, visits: taken };
    }),
  );
}
