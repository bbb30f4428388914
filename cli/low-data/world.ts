/** The travellers of one run of the experiment, as rows: synthetic ones, and those of the hidden population who play real ones. */
import { Random } from '../../core/experiment/random.ts';
import { ARCHETYPES } from '../../core/persona/archetypes.ts';
import type { SignalSource } from '../../core/signal/signal.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { ChoiceModelAgent } from '../../simulation/agents/choice-agent.ts';
import { CHOICE_MODEL_LINEAGE } from '../../simulation/agents/settings.ts';
import { SimCity } from '../../simulation/agents/sim-city.ts';
import { travellerAt } from '../../simulation/agents/traveller.ts';
import { HiddenPopulation } from '../../simulation/low-data/hidden-population.ts';
import { type Asked, type Offer, offersOf, questionsTo } from '../../simulation/low-data/offers.ts';
import type { ShadowCity } from '../../simulation/shadow/settings.ts';
import { AUGMENTATION } from '../../training/low-data/augment.ts';
import type { DecisionRow } from '../../training/low-data/decision-row.ts';
import { heldOutActors } from '../../training/low-data/held-out.ts';

export interface WorldSize {
  /** Travellers of each kind; `seen` are those of the hidden population whose archetypes synthetic travellers have too. */
  synthetic: number;
  seen: number;
  unseen: number;
  /** Sizes of the seed of real travellers, ascending; each holds the ones before. */
  few: readonly number[];
  /** Weeks of retraining, and travellers who arrive in each. */
  weeks: number;
  arrivals: number;
  /** Questions that could be asked of each traveller who is left. */
  questions: number;
  /** Of each real traveller. */
  variations: number;
}

/**
 * 144 x 60 synthetic decisions: the 8,000 to 16,000 exchanges of seed 4. A fifth of 160 is held out; of the others come the few, those who
 * arrive later, and who can be asked.
 */
export const WORLD: WorldSize = {
  synthetic: 144,
  seen: 160,
  unseen: 30,
  few: [5, 10, 20],
  weeks: 4,
  arrivals: 8,
  questions: 20,
  variations: AUGMENTATION.variations,
};

/** Of the built-in agent. */
export const LATENT_SHARE = 0.3;

export interface World {
  cities: ReadonlyMap<string, readonly Venue[]>;
  synthetic: DecisionRow[];
  /** By number of travellers. */
  few: ReadonlyMap<number, DecisionRow[]>;
  /** By week, by traveller. */
  weeks: DecisionRow[][][];
  /** The training side, whole: what there would be if data were not few. */
  all: DecisionRow[];
  /** Each a traveller's first contact with the app; answered, but nobody looks before they are asked. */
  questions: DecisionRow[];
  heldOut: DecisionRow[];
  unseen: DecisionRow[];
  /** By id of a row of the hidden population: that it is accepted, by who knows all but the last noise. */
  oracle: ReadonlyMap<string, number>;
}

/** A function of seed and size. */
export function makeWorld(places: readonly ShadowCity[], seed: number, size: WorldSize): World {
  const cities = places.map((place) => new SimCity(place));
  const oracle = new Map<string, number>();
  const agent = new ChoiceModelAgent(seed, LATENT_SHARE);
  const byAgent: Asked = (context, venue) => ({ accepted: agent.wouldTake(context, venue), probability: null });
  const request = { seed, archetypes: ARCHETYPES.map(({ id }) => id), cities: cities.map(({ slug }) => slug) };
  const synthetic = Array.from({ length: size.synthetic }, (_, index) => {
    const traveller = travellerAt(request, index);
    return offersOf({ traveller, cities, seed, asked: byAgent }).map((offer) => rowOf(offer, CHOICE_MODEL_LINEAGE));
  }).flat();

  const hidden = new HiddenPopulation(seed);
  const asked: Asked = (context, venue) => hidden.answer(context, venue);
  // Plays real behaviour in memory, so that it weighs like it; such a row is never written to a file or a table.
  const known = (offer: Offer) => {
    const row = rowOf(offer, 'user_behavioral');
    oracle.set(row.id, offer.probability!);
    return row;
  };
  const rowsOf = (kind: 'seen' | 'unseen', index: number) =>
    offersOf({ traveller: hidden.traveller(kind, index), cities, seed, asked }).map(known);
  const travellers = Array.from({ length: size.seen }, (_, index) => ({ index, rows: rowsOf('seen', index) }));
  const actorOf = (index: number) => `seen-${index}`;
  const heldOutSet = heldOutActors(
    travellers.map(({ index }) => actorOf(index)),
    seed,
  );
  const isHeldOut = ({ index }: { index: number }) => heldOutSet.has(actorOf(index));
  const order = Random.of(seed, 'arrival').shuffle(travellers.filter((one) => !isHeldOut(one)));
  const most = Math.max(...size.few);
  const arrivedBy = (week: number) => most + week * size.arrivals;
  const left = order.slice(arrivedBy(size.weeks));
  if (left.length === 0) throw new RangeError(`${size.seen} travellers are too few: nobody is left to be asked`);
  return {
    cities: new Map(cities.map(({ slug, venues }) => [slug, venues])),
    synthetic,
    few: new Map(size.few.map((count) => [count, order.slice(0, count).flatMap(({ rows }) => rows)])),
    weeks: Array.from({ length: size.weeks }, (_, week) =>
      order.slice(arrivedBy(week), arrivedBy(week + 1)).map(({ rows }) => rows),
    ),
    all: order.flatMap(({ rows }) => rows),
    questions: left.flatMap(({ index }) => {
      const traveller = hidden.traveller('seen', index);
      return questionsTo({ traveller, cities, seed, asked }, size.questions).map(known);
    }),
    heldOut: travellers.filter(isHeldOut).flatMap(({ rows }) => rows),
    unseen: Array.from({ length: size.unseen }, (_, index) => rowsOf('unseen', index)).flat(),
    oracle,
  };
}

function rowOf(offer: Offer, source: SignalSource): DecisionRow {
  const { traveller, trip, day, dayPart, at, city, weather, venue, seen, accepted } = offer;
  return {
    id: `${traveller.id}/${trip}/${day}/${dayPart}`,
    actor: traveller.id,
    trip: `${traveller.id}/${trip}`,
    at,
    city,
    venue,
    dayPart,
    tripDay: day,
    weather,
    party: traveller.party,
    budget: traveller.budget,
    persona: { dimensions: seen, interests: traveller.interests },
    accepted,
    source,
    derivedFrom: null,
  };
}
