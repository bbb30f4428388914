/** The question of discrimination: a place that a tourist went to next, among places that they never went to. */
import { Random } from '../../core/experiment/random.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { ChoiceModelAgent } from '../../simulation/agents/choice-agent.ts';
import { placesByTourist, type RealPlaces } from './real-places.ts';
import { learnedFrom, momentOf, realTraveller } from './real-traveller.ts';
import type { RealVisits } from './real-visits.ts';
import { type Sample, sampled } from './sampled.ts';

export const DISTRACTORS = ['uniform', 'popularity_matched'] as const;
export type DistractorKind = (typeof DISTRACTORS)[number];

/** Distractors to a real place. */
export const RATIOS = [1, 3, 9] as const;
const MOST = 9;
/** First visits of a tourist that are asked about, the latest, where the persona is known best. */
const PANELS_A_TOURIST = 20;
/** In all; of more, so many are drawn. */
export const MOST_PANELS = 3000;

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

/** A first visit of a place by who has been elsewhere before. */
export interface FirstVisit {
  tourist: number;
  /** All visits of the tourist, in order, and which of them it is. */
  order: readonly number[];
  at: number;
}

/** The latest of each tourist, in the order of tourists, then of time. */
export function firstVisits({ trips }: Pick<RealVisits, 'trips'>): FirstVisit[] {
  return [...Map.groupBy(trips, ({ tourist }) => tourist)].flatMap(([tourist, own]) => {
    const order = own.flatMap(({ visits }) => [...visits]);
    const been = new Set<number>();
    const first = [...order.keys()].filter((i) => been.size < been.add(order[i]!).size && i > 0);
    return first.slice(-PANELS_A_TOURIST).map((at) => ({ tourist, order, at }));
  });
}

/** Tourists with too few places left are passed over. @param most in all */
export function panelsOf(
  visits: RealVisits,
  placesOf: (tourist: number) => RealPlaces,
  seed: number,
  most = MOST_PANELS,
): { panels: Panel[]; sample: Sample } {
  const all = firstVisits(visits);
  const asked = sampled(all, most, seed, 'panels');
  const panels = [...Map.groupBy(asked, ({ tourist }) => tourist)].flatMap(([tourist, cases]) => {
    const ever = new Set(cases[0]!.order);
    const never = visits.places.flatMap((_, place) => (ever.has(place) ? [] : [place]));
    if (never.length < MOST) return [];
    const random = Random.of(seed, `certificate/panel/${tourist}`);
    const { visitors } = placesOf(tourist);
    return cases.map(({ order, at }): Panel => {
      const real = order[at]!;
      const uniform = random.shuffle([...never]).slice(0, MOST);
      const apart = (place: number) => Math.abs(visitors[place]! - visitors[real]!);
      const matched = random.shuffle([...never]).sort((a, b) => apart(a) - apart(b));
      const distractors = { uniform, popularity_matched: matched.slice(0, MOST) };
      return { tourist, before: order.slice(0, at), real, distractors };
    });
  });
  return { panels, sample: { asked: asked.length, of: all.length } };
}

/** @param latentShare of the simulated travellers' taste, in [0, 1) */
export function answeredPanels(
  visits: RealVisits,
  seed: number,
  latentShare: number,
): { panels: AnsweredPanel[]; sample: Sample } {
  const placesOf = placesByTourist(visits, seed);
  const agents = Array.from({ length: DRAWS }, (_, draw) => new ChoiceModelAgent(seed + draw, latentShare));
  const { panels, sample } = panelsOf(visits, placesOf, seed);
  const answered = panels.map(({ tourist, before, real, distractors }, number): AnsweredPanel => {
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
  return { panels: answered, sample };
}
