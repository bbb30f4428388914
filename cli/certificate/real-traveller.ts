/** A real tourist as the simulator would have them: known by what they visited before, and by nothing else. */
import { archetypesByDistance } from '../../core/persona/archetypes.ts';
import { type Dimensions, NEUTRAL_DIMENSIONS } from '../../core/persona/dimensions.ts';
import { learnDimensions } from '../../core/persona/learn.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { DecisionContext } from '../../simulation/agents/persona-agent.ts';
import type { SimTraveller } from '../../simulation/agents/traveller.ts';
import { profileOf } from '../../simulation/agents/venue-profile.ts';

/** What the app learns, from anybody's dimensions on, of who went to these. */
export function learnedFrom(visited: readonly Venue[]): Dimensions {
  return learnDimensions(
    NEUTRAL_DIMENSIONS,
    visited.map((venue) => ({ profile: profileOf(venue), accepted: true, weight: 1 })),
  );
}

/** What the agent hides of a tourist follows from their name; what they look for is what they visited before. */
export function realTraveller(tourist: number, dimensions: Dimensions): SimTraveller {
  return {
    index: tourist,
    id: `real-${tourist}`,
    archetypeId: archetypesByDistance(dimensions)[0]!.id,
    number: tourist,
    warm: false,
    dimensions,
    interests: [],
    party: { kind: 'solo', size: 1 },
    companions: [],
    budget: 'mid',
    trip: { city: 0, startDate: '2026-01-01', days: 1, weather: ['cloudy'] },
  };
}

/** A moment that says nothing of itself: an afternoon of a first day, neither warm nor wet. `moment` names its noise. */
export function momentOf(traveller: SimTraveller, moment: number, visited: readonly Venue[] = []): DecisionContext {
  const state = { dimensions: traveller.dimensions, energy: 1 };
  return { traveller, trip: moment, state, day: 1, dayPart: 'afternoon', weather: 'cloudy', today: [], visited };
}
