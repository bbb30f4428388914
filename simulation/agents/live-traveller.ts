/** A traveller on the way: what they are now, what rankers have seen of them, what was recorded. */
import { groupCandidates } from '../../core/group/group-candidates.ts';
import { addDays } from '../../core/itinerary/local-time.ts';
import type { Dimensions } from '../../core/persona/dimensions.ts';
import { type Evidence, learnDimensions } from '../../core/persona/learn.ts';
import { isWarm, makePersona, type Persona } from '../../core/persona/persona.ts';
import type { PastChoice } from '../../core/ranking/ml-ranker.ts';
import type { DayPart, RankingContext } from '../../core/ranking/ranker.ts';
import { type SignalType, trainingFactor } from '../../core/signal/signal.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { Decision } from './decision.ts';
import type { DecisionContext } from './persona-agent.ts';
import { energyOfDay, movedDimensions } from './persona-state.ts';
import type { RankerView } from './recommender.ts';
import type { SlotRecord } from './record.ts';
import { type SimCity, SLOT_WINDOWS } from './sim-city.ts';
import type { SimTraveller } from './traveller.ts';
import { profileOf } from './venue-profile.ts';

const MINUTE_MS = 60_000;

/** What a traveller brings along: trips before the first slot. */
export interface Past {
  history: readonly PastChoice[];
  historyVenues: ReadonlyMap<string, Venue>;
  evidence: readonly Evidence[];
  countingSignals: number;
  trips: number;
}

export const NO_PAST: Past = { history: [], historyVenues: new Map(), evidence: [], countingSignals: 0, trips: 0 };

export class LiveTraveller {
  readonly traveller: SimTraveller;
  readonly city: SimCity;
  readonly slots: SlotRecord[] = [];
  emptySlots = 0;
  #dimensions: Dimensions;
  #companions: readonly Dimensions[];
  /** The companions' snapshots: nothing is learned of who sends no signal. */
  readonly #companionPersonas: readonly Persona[];
  /** The snapshot's, with what was seen since the last night. */
  #seen: Dimensions;
  #snapshot: Persona;
  #evidence: Evidence[] = [];
  readonly #history: PastChoice[];
  readonly #historyVenues: Map<string, Venue>;
  #countingSignals: number;
  readonly #trips: number;
  readonly #candidates: readonly Venue[];
  /** Not offered again. */
  readonly #gone: Set<string>;
  #today: Venue[] = [];
  readonly #visited: Venue[] = [];
  #day = 0;

  constructor(traveller: SimTraveller, city: SimCity, past: Past) {
    this.traveller = traveller;
    this.city = city;
    this.#dimensions = traveller.dimensions;
    this.#seen = past.evidence.length > 0 ? learnDimensions(traveller.dimensions, past.evidence) : traveller.dimensions;
    this.#snapshot = makePersona(this.#seen, traveller.interests);
    this.#history = [...past.history];
    this.#historyVenues = new Map(past.historyVenues);
    this.#countingSignals = past.countingSignals;
    this.#trips = past.trips;
    const { party, companions, budget, trip } = traveller;
    this.#companions = companions.map(({ dimensions }) => dimensions);
    this.#companionPersonas = companions.map(({ dimensions, interests }) => makePersona(dimensions, interests));
    const found = [this.#snapshot, ...this.#companionPersonas].map((persona) =>
      city.candidates(persona, party, budget, trip.startDate),
    );
    this.#candidates = found.length === 1 ? found[0]! : groupCandidates(found);
    this.#gone = new Set(past.history.flatMap(({ venueId, accepted }) => (accepted ? [venueId] : [])));
  }

  /** The ranker's snapshot. */
  get snapshot(): Persona {
    return this.#snapshot;
  }

  /** Overnight the snapshot learns from the day, as the nightly job has it. */
  beginDay(day: number): void {
    if (day === this.#day) return;
    this.#day = day;
    this.#today = [];
    if (day === 1) return;
    this.#seen = learnDimensions(this.#seen, this.#evidence);
    this.#evidence = [];
    this.#snapshot = makePersona(this.#seen, this.traveller.interests);
  }

  /** Null where nothing could stand there. */
  view(seed: number, dayPart: DayPart, weekday: number): RankerView | null {
    const suitable = this.city.suitable(dayPart, weekday);
    const pool = this.#candidates.filter(({ id }) => suitable.has(id) && !this.#gone.has(id));
    if (pool.length === 0) {
      this.emptySlots++;
      return null;
    }
    const { id, party, budget, trip } = this.traveller;
    const context: RankingContext = {
      dayPart,
      tripDay: this.#day,
      partyKind: party.kind,
      partySize: party.size,
      budgetBand: budget,
    };
    return {
      slotKey: `${id}/${this.#day}/${dayPart}`,
      seed,
      city: this.city,
      persona: this.#snapshot,
      dimensions: this.#snapshot.dimensions,
      companions: this.#companionPersonas,
      context,
      moment: { tripDay: this.#day, dayPart, at: this.at(dayPart) },
      startDate: trip.startDate,
      tripDays: trip.days,
      candidates: this.#candidates,
      pool,
      history: this.#history,
      historyVenues: this.#historyVenues,
      countingSignals: this.#countingSignals,
      tripCount: this.#trips,
    };
  }

  /** As the persona agent sees the slot. */
  context(dayPart: DayPart): DecisionContext {
    return {
      traveller: this.traveller,
      trip: 0,
      state: { dimensions: this.#dimensions, energy: energyOfDay(this.#day) },
      companions: this.#companions,
      day: this.#day,
      dayPart,
      weather: this.traveller.trip.weather[this.#day - 1]!,
      today: [...this.#today],
      visited: [...this.#visited],
    };
  }

  /** Milliseconds since the epoch; the zone's offset is left out. */
  at(dayPart: DayPart): number {
    const date = addDays(this.traveller.trip.startDate, this.#day - 1);
    return Date.parse(date) + SLOT_WINDOWS[dayPart].earliest * MINUTE_MS;
  }

  isWarm(): boolean {
    return isWarm(this.#countingSignals);
  }

  /** Notes what was decided: the persona moves, and rankers see what the app would have told them. */
  take(record: SlotRecord): void {
    const { decision, taken, dayPart } = record;
    this.slots.push(record);
    this.#dimensions = movedDimensions(this.#dimensions, decision, taken);
    this.#companions = this.#companions.map((one) => movedDimensions(one, decision, taken));
    this.#seen = movedDimensions(this.#seen, decision, taken);
    const top = record.ranked[0]!;
    if (taken) {
      this.#today.push(taken);
      this.#visited.push(taken);
      this.#gone.add(taken.id);
    }
    if (taken?.id !== top.id) this.#gone.add(top.id);
    for (const type of signalsOf(decision)) {
      const venue = taken ?? top;
      if (type !== 'pivot_requested') this.#countingSignals++;
      const verdict = verdictsOf({ type, venueId: venue.id, timeToActionMs: null, context: {} })[0];
      if (!verdict) continue;
      const weight = verdict.strength * trainingFactor('user_behavioral', this.isWarm());
      this.#evidence.push({ profile: profileOf(venue), accepted: verdict.accepted, weight });
      if (type === 'slot_linger') continue;
      const { accepted } = verdict;
      this.#history.push({ venueId: venue.id, accepted, at: this.at(dayPart), tripDay: this.#day, dayPart });
      this.#historyVenues.set(venue.id, venue);
    }
  }
}

/** The signals that a decision gives rise to, by the names of the product; who lingers has accepted before. */
export function signalsOf({ decision }: Pick<Decision, 'decision'>): SignalType[] {
  switch (decision) {
    case 'accept':
      return ['slot_accept'];
    case 'linger':
      return ['slot_accept', 'slot_linger'];
    case 'skip':
      return ['slot_skip'];
    case 'pivot':
      return ['pivot_requested'];
  }
}
