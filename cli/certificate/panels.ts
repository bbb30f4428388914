/** The question of discrimination: a place that a tourist went to next, among places that they never went to. */
import { Random } from '../../core/experiment/random.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { ChoiceModelAgent } from '../../simulation/agents/choice-agent.ts';
import { placesByTourist, type RealPlaces } from './real-places.ts';
import { learnedFrom, momentOf, realTraveller } from './real-traveller.ts';
import type { RealVisits } from './real-visits.ts';

export const DISTRACTORS = ['uniform', 'popularity_matched'] as const;
export type DistractorKind = (typeof DISTRACTORS)[number];

/** Distractors to a real place. */
export const RATIOS = [1, 3, 9] as const;
const MOST = 9;
/** First visits of a tourist that are asked about, the latest, where the persona is known best. */
const PANELS_A_TOURIST = 20;

/** Travellers of one persona, each with hidden tastes of their own, that a probability is the share of. */
export const DRAWS = 16;

export interface Panel {
  tourist: number;
  /** Places visited before, in order; at least one. */
  before: readonly number[];
  real: number;
  /** Never visited by the tourist, before or after; a smaller ratio takes the first of them. */
  distractors: Readonly<Record<DistractorKind, readonly number[]>>;
}

/** What simulated travellers say of a place. */
export interface Said {
  /** Whether one of them takes it. */
  taken: boolean;
  /** Share of `DRAWS` of them who take it. */
  probability: number;
}

/** What was answered of a place of a panel. */
export interface Answer {
  /** Told the place's fame as its tourist score, and told nothing of it. */
  told: Said;
  untold: Said;
  /** Tourists of the other half who went there. */
  visitors: number;
}

export interface AnsweredPanel {
  tourist: number;
  real: Answer;
  distractors: Readonly<Record<DistractorKind, readonly Answer[]>>;
}

/** Every first visit of a place by who has been elsewhere before; tourists with too few places left are passed over. */
export function panelsOf(visits: RealVisits, placesOf: (tourist: number) => RealPlaces, seed: number): Panel[] {
  const byTourist = Map.groupBy(visits.trips, ({ tourist }) => tourist);
  return [...byTourist].flatMap(([tourist, trips]) => {
    const order = trips.flatMap((trip) => [...trip.visits]);
    const ever = new Set(order);
    const never = visits.places.flatMap((_, place) => (ever.has(place) ? [] : [place]));
    if (never.length < MOST) return [];
    const random = Random.of(seed, `certificate/panel/${tourist}`);
    const { visitors } = placesOf(tourist);
    const first = [...order.keys()].filter((i) => i > 0 && order.indexOf(order[i]!) === i);
    return first.slice(-PANELS_A_TOURIST).map((i): Panel => {
      const real = order[i]!;
      const uniform = random.shuffle([...never]).slice(0, MOST);
      const apart = (place: number) => Math.abs(visitors[place]! - visitors[real]!);
      const matched = random.shuffle([...never]).sort((a, b) => apart(a) - apart(b));
      const distractors = { uniform, popularity_matched: matched.slice(0, MOST) };
      return { tourist, before: order.slice(0, i), real, distractors };
    });
  });
}

/** @param latentShare of the simulated travellers' taste, in [0, 1) */
export function answeredPanels(visits: RealVisits, seed: number, latentShare: number): AnsweredPanel[] {
  const placesOf = placesByTourist(visits, seed);
  const agents = Array.from({ length: DRAWS }, (_, draw) => new ChoiceModelAgent(seed + draw, latentShare));
  return panelsOf(visits, placesOf, seed).map(({ tourist, before, real, distractors }, number) => {
    const { venues, unheardOf, visitors } = placesOf(tourist);
    const traveller = realTraveller(tourist, learnedFrom(before.map((place) => venues[place]!)));
    const moment = momentOf(traveller, number);
    const asked = (venue: Venue): Said => {
      const takes = agents.map((agent) => agent.wouldTake(moment, venue));
      return { taken: takes[0]!, probability: takes.filter(Boolean).length / DRAWS };
    };
    const answers = new Map<number, Answer>();
    const answer = (place: number): Answer => {
      const found = answers.get(place);
      if (found) return found;
      const made = { told: asked(venues[place]!), untold: asked(unheardOf[place]!), visitors: visitors[place]! };
      answers.set(place, made);
      return made;
    };
    return {
      tourist,
      real: answer(real),
      distractors: {
        uniform: distractors.uniform.map(answer),
        popularity_matched: distractors.popularity_matched.map(answer),
      },
    };
  });
}
