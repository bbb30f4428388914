/** Who decides for a traveller: one interface for language models and for the built-in choice model. */
import type { Dimensions } from '../../core/persona/dimensions.ts';
import type { DayPart } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { Condition } from '../../core/weather/condition.ts';
import type { Decision } from './decision.ts';
import type { PersonaState } from './persona-state.ts';
import type { Lineage } from './settings.ts';
import type { SimTraveller } from './traveller.ts';

/** A slot as its traveller comes to it. */
export interface DecisionContext {
  traveller: SimTraveller;
  /** 0 for the trip that is simulated; those of the past go down from -1. */
  trip: number;
  /** As it stands now. */
  state: PersonaState;
  /** Of who decides along, in the order of the traveller's companions, as they stand now; left out where one decides alone. */
  companions?: readonly Dimensions[];
  /** From 1. */
  day: number;
  dayPart: DayPart;
  weather: Condition;
  /** Where the day has led so far, in order. */
  today: readonly Venue[];
  /** The whole trip so far, in order. */
  visited: readonly Venue[];
}

export interface DecisionCase {
  /** Names variant and slot: what is stored of an agent's answers goes by it. */
  key: string;
  context: DecisionContext;
  /** Best first, as the ranker has them. */
  candidates: readonly Venue[];
}

export interface PersonaAgent {
  /** Names model and prompt, or the choice model's version. */
  readonly label: string;
  readonly lineage: Lineage;
  /** One round of a population that moves in lock step; answers in the order of the cases. */
  decideAll(cases: readonly DecisionCase[]): Promise<Decision[]>;
  /** Whether the venue would be taken if it were offered alone; only who can be asked without effect says. */
  wouldTake?(context: DecisionContext, venue: Venue): boolean;
}
