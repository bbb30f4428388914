/** The scores by which a group's days are planned: each day's depend on whom the days before it served. */
import type { AssemblyRequest, DayVisit } from '../itinerary/assembly-request.ts';
import type { Stop } from '../itinerary/itinerary.ts';
import { allowedInTrip, suitsStop } from '../itinerary/rules.ts';
import { rankedTripDay } from '../ranking/cache-key.ts';
import type { ScoredMoment } from '../ranking/personal-rescore.ts';
import type { DayPart } from '../ranking/ranker.ts';
import type { Venue } from '../venue/venue.ts';
import { type AffinityMatrix, type AffinityMoment, affinityMatrix, type GroupMember } from './affinity-matrix.ts';
import { groupConflict, momentConflict } from './conflict.ts';
import { credit, EMPTY_LEDGER, type FairnessLedger, fairnessWeights } from './fairness-ledger.ts';
import type { Served } from './served.ts';
import { DEFAULT_STRATEGY, type GroupStrategy, groupUtility } from './strategies.ts';

export interface GroupRequest extends Pick<AssemblyRequest, 'candidates' | 'party' | 'budgetBand'> {
  /** At least one. Their order does not matter. */
  members: readonly GroupMember[];
  strategy?: GroupStrategy;
  /** ISO date of the trip's last day. */
  lastDate: string;
  /** What the members received before the first day that is planned here. */
  ledger?: FairnessLedger;
}

/** A day as it follows from the days before it. */
interface GroupDay {
  ledger: FairnessLedger;
  weights: readonly number[];
  scores: Map<DayPart, Float64Array>;
}

/** `name@version` of what turned the members' scores into the group's. */
export function groupModelVersion(strategy: GroupStrategy): string {
  return `group-${strategy.replaceAll('_', '-')}@1`;
}

/**
 * Give `scores` and `afterDay` to `assemble`, then ask for what the response and the log need. Deterministic: the same
 * request and the same days give the same scores. Throws `RangeError` for a group of none.
 */
export class GroupScores {
  readonly strategy: GroupStrategy;
  readonly modelVersion: string;
  /** Sorted. */
  readonly memberIds: readonly string[];
  /** In [0, 1], over the whole trip. */
  readonly conflict: number;

  readonly #candidates: readonly Venue[];
  readonly #allowed: readonly boolean[];
  readonly #matrix: AffinityMatrix;
  readonly #moments: ReadonlyMap<string, AffinityMoment>;
  readonly #start: FairnessLedger;
  readonly #days = new Map<number, readonly DayVisit[]>();
  /** What the days before a day make of it; kept until one of them changes. */
  readonly #byDay = new Map<number, GroupDay>();

  constructor({ members, candidates, party, budgetBand, lastDate, strategy, ledger }: GroupRequest) {
    if (members.length === 0) throw new RangeError('a group has at least one member');
    const sorted = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    this.strategy = strategy ?? DEFAULT_STRATEGY;
    this.modelVersion = groupModelVersion(this.strategy);
    this.#candidates = candidates;
    this.#allowed = candidates.map((venue) => allowedInTrip(venue, party, budgetBand, lastDate));
    this.#matrix = affinityMatrix(sorted);
    this.#moments = new Map(this.#matrix.moments.map((moment) => [momentKey(moment.context), moment]));
    this.#start = ledger ?? EMPTY_LEDGER;
    this.memberIds = this.#matrix.memberIds;
    this.conflict = groupConflict(this.#matrix);
  }

  /** In [0, 1] by candidate, on the scale of the members' own scores; for the day given what the days before it hold. */
  readonly scores = (dayNumber: number, dayPart: DayPart): Float64Array => {
    const { scores, weights } = this.#day(dayNumber);
    const known = scores.get(dayPart);
    if (known) return known;
    const combined = this.#combine(dayNumber, dayPart, weights);
    scores.set(dayPart, combined);
    return combined;
  };

  /** Takes in what a day holds, in place of what was said of that day before: later days are scored anew. */
  readonly afterDay = (dayNumber: number, visits: readonly DayVisit[]): void => {
    this.#days.set(dayNumber, visits);
    for (const day of this.#byDay.keys()) if (day > dayNumber) this.#byDay.delete(day);
  };

  /** As a moment of the candidate log. */
  moment(dayNumber: number, dayPart: DayPart): ScoredMoment {
    const scores = this.scores(dayNumber, dayPart);
    const candidates = this.#candidates;
    const order = candidates
      .map((_, i) => i)
      .sort((a, b) => scores[b]! - scores[a]! || (candidates[a]!.id < candidates[b]!.id ? -1 : 1));
    return { context: this.#at(dayNumber, dayPart).context, scores, order };
  }

  /** For the arbiter's decision on one moment, in [0, 1]. */
  conflictAt(dayNumber: number, dayPart: DayPart): number {
    return momentConflict(this.#at(dayNumber, dayPart).utilities);
  }

  /** The say of each member on that day, in the order of `memberIds`. */
  weightsOn(dayNumber: number): readonly number[] {
    return this.#day(dayNumber).weights;
  }

  /** What the members received on the days before. */
  ledgerBefore(dayNumber: number): FairnessLedger {
    return this.#day(dayNumber).ledger;
  }

  /** How well a candidate (by its index) would serve each member at a stop of a day, in the order of `memberIds`. */
  served(dayNumber: number, stop: Stop, candidate: number): Served[] {
    const { utilities } = this.#at(dayNumber, stop.dayPart);
    const open = this.#openTo(dayNumber, stop);
    return this.memberIds.map((memberId, member) => {
      const own = utilities[member]!;
      const best = open.reduce((most, c) => Math.max(most, own[c]!), own[candidate]!);
      return { memberId, utility: own[candidate]!, best };
    });
  }

  /** The candidates that may stand at the stop and went to no earlier day. */
  #openTo(dayNumber: number, stop: Stop): number[] {
    const gone = new Set<number>();
    for (const [day, visits] of this.#days)
      if (day < dayNumber) for (const { candidate } of visits) gone.add(candidate);
    return this.#candidates.flatMap((venue, i) =>
      this.#allowed[i] && !gone.has(i) && suitsStop(venue, stop) ? [i] : [],
    );
  }

  #day(dayNumber: number): GroupDay {
    const known = this.#byDay.get(dayNumber);
    if (known) return known;
    const before = Math.max(...[...this.#days.keys()].filter((day) => day < dayNumber));
    let ledger = before > 0 ? this.#day(before).ledger : this.#start;
    for (const { candidate, stop } of this.#days.get(before) ?? []) {
      ledger = credit(ledger, this.served(before, stop, candidate));
    }
    const day = { ledger, weights: fairnessWeights(ledger, this.memberIds), scores: new Map() };
    this.#byDay.set(dayNumber, day);
    return day;
  }

  #combine(dayNumber: number, dayPart: DayPart, weights: readonly number[]): Float64Array {
    const { utilities } = this.#at(dayNumber, dayPart);
    const { low, high } = this.#matrix.scale;
    return Float64Array.from(this.#candidates, (_, candidate) => {
      const column = utilities.map((own) => own[candidate]!);
      return low + (high - low) * groupUtility(this.strategy, column, weights);
    });
  }

  #at(dayNumber: number, dayPart: DayPart): AffinityMoment {
    const moment = this.#moments.get(momentKey({ tripDay: rankedTripDay(dayNumber), dayPart }));
    if (!moment) throw new RangeError(`day ${dayNumber} has no ranked ${dayPart}`);
    return moment;
  }
}

const momentKey = ({ tripDay, dayPart }: { tripDay: number; dayPart: DayPart }) => `${tripDay}/${dayPart}`;
