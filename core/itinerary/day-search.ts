/** The beam search over the stops of one day. */
import type { DayPart } from '../ranking/ranker.ts';
import { firstOpenStart } from '../venue/opening-hours.ts';
import type { AssemblyRequest } from './assembly-request.ts';
import type { DayFrame, Stop } from './itinerary.ts';
import { OBJECTIVE } from './objective.ts';
import { BUDGET_RULES, suitsStop, withinDayBudget, withinDayVariety } from './rules.ts';
import { spreadDay } from './spread.ts';

/** Plans kept after each stop, and extensions tried for each of them. */
const BEAM = 8;
const EXTENSIONS = 8;

/** Of the plans kept, so many have the day's dear place still to spend: what is spent early decides what dinner can be. */
const UNSPENT = 3;
const GRID_MINUTES = 5;

/** What the search of every day reads; `used` and the trip counts speak of the other days. */
export interface DayContext {
  request: AssemblyRequest;
  minutes: Uint16Array;
  fromStart: Uint16Array;
  lengths: Uint16Array;
  allowed: readonly boolean[];
  category: Uint8Array;
  cuisines: Int32Array;
  used: Uint8Array;
  tripCategories: Uint8Array;
  tripCuisines: Uint8Array;
  /** What a moment asks for, on the scale of a venue's `energy`. */
  targetEnergy: (dayNumber: number, dayPart: DayPart) => number;
}

export interface DraftVisit {
  candidate: number;
  stop: Stop;
  start: number;
  end: number;
}

export interface DayDraft {
  visits: DraftVisit[];
  /** The objective's value; comparable between plans of the same day. */
  value: number;
}

/** A partial plan: the last visit, and the plan that it extends. */
interface Node extends DraftVisit {
  before: Node | null;
}

/** A plan so far: `last` is null while nothing is planned. */
interface State {
  last: Node | null;
  value: number;
  /** Whether it holds a place of the highest level that the budget allows. */
  spent: boolean;
}

/** A candidate that is open at some time of the stop, and its worth before it is known where one comes from. */
interface Option {
  candidate: number;
  value: number;
}

/** The options of a stop, best first. */
function optionsFor(stop: Stop, frame: DayFrame, context: DayContext): Option[] {
  const { request, allowed, used, category, cuisines, lengths, tripCategories, tripCuisines } = context;
  const scores = request.scores(frame.dayNumber, stop.dayPart);
  const target = context.targetEnergy(frame.dayNumber, stop.dayPart);
  const options: Option[] = [];
  for (let candidate = 0; candidate < request.candidates.length; candidate++) {
    const venue = request.candidates[candidate]!;
    if (!allowed[candidate] || used[candidate] || !suitsStop(venue, stop) || venue.hours === null) continue;
    const length = lengths[candidate]!;
    const latest = Math.min(stop.latest, stop.endBy - length);
    if (firstOpenStart(venue.hours, frame.weekday, stop.earliest, latest, length) === null) continue;
    let value = scores[candidate]!;
    if (stop.role === 'activity') {
      value -= OBJECTIVE.energyGap * Math.abs(venue.energy - target);
      value -= OBJECTIVE.categoryAgainInTrip * tripCategories[category[candidate]!]!;
    } else {
      for (let bits = cuisines[candidate]!, i = 0; bits !== 0; bits >>>= 1, i++) {
        if (bits & 1) value -= OBJECTIVE.cuisineAgainInTrip * tripCuisines[i]!;
      }
    }
    options.push({ candidate, value });
  }
  return options.sort((a, b) => b.value - a.value);
}

/** What adding the candidate costs for what the day holds already; null where a rule forbids it. */
function dayCost(last: Node | null, candidate: number, stop: Stop, context: DayContext): number | null {
  const { candidates, budgetBand } = context.request;
  const venue = candidates[candidate]!;
  let sameLevel = 0;
  let sameCategory = 0;
  let sameCuisine = 0;
  for (let node = last; node !== null; node = node.before) {
    if (node.candidate === candidate) return null;
    const other = candidates[node.candidate]!;
    if (other.priceLevel === BUDGET_RULES[budgetBand].highest) sameLevel++;
    const bothActivities = stop.role === 'activity' && node.stop.role === 'activity';
    if (bothActivities && other.category === venue.category) {
      if (node === last) return null;
      sameCategory++;
    }
    if (stop.role !== 'activity' && node.stop.role !== 'activity') {
      if (context.cuisines[candidate]! & context.cuisines[node.candidate]!) sameCuisine++;
    }
  }
  if (!withinDayBudget(venue.priceLevel, sameLevel, budgetBand)) return null;
  if (stop.role === 'activity' && !withinDayVariety(venue.category, sameCategory)) return null;
  return OBJECTIVE.categoryAgainToday * sameCategory + OBJECTIVE.cuisineAgainToday * sameCuisine;
}

/** Adds the best extensions of one plan at a stop, at most `EXTENSIONS`, to `found`. */
function extend(state: State, stop: Stop, frame: DayFrame, options: Option[], context: DayContext, found: State[]) {
  const { last } = state;
  const { minutes, fromStart, lengths, request } = context;
  const n = request.candidates.length;
  const { highest } = BUDGET_RULES[request.budgetBand];
  const best: State[] = [];
  let worst = Number.NEGATIVE_INFINITY;
  for (const option of options) {
    // Options come best first and what follows can only cost: nothing behind this one is better than what is kept.
    if (state.value + option.value <= worst) break;
    const c = option.candidate;
    const leg = last ? minutes[last.candidate * n + c]! : fromStart[c]!;
    const arrival = last ? last.end + leg : 0;
    if (arrival > stop.latest || state.value + option.value - OBJECTIVE.travelMinute * leg <= worst) continue;
    const cost = dayCost(last, c, stop, context);
    if (cost === null) continue;
    const earliest = Math.ceil(Math.max(arrival, stop.earliest) / GRID_MINUTES) * GRID_MINUTES;
    const length = lengths[c]!;
    const latest = Math.min(stop.latest, stop.endBy - length);
    const start = firstOpenStart(request.candidates[c]!.hours!, frame.weekday, earliest, latest, length);
    if (start === null) continue;
    const idle = last ? Math.max(0, start - arrival - OBJECTIVE.freeIdleMinutes) : 0;
    const value = state.value + option.value - OBJECTIVE.travelMinute * leg - OBJECTIVE.idleMinute * idle - cost;
    if (value <= worst) continue;
    let at = best.length;
    while (at > 0 && best[at - 1]!.value < value) at--;
    const spent = state.spent || request.candidates[c]!.priceLevel === highest;
    best.splice(at, 0, { value, spent, last: { candidate: c, stop, start, end: start + length, before: last } });
    if (best.length > EXTENSIONS) best.pop();
    if (best.length === EXTENSIONS) worst = best[EXTENSIONS - 1]!.value;
  }
  found.push(...best);
}

/** The best plans at a stop. Where the budget lets a day hold so many dear places only, some of them unspent. */
function keepBest(found: State[], budgetIsBound: boolean): State[] {
  found.sort((a, b) => b.value - a.value);
  if (!budgetIsBound) return found.slice(0, BEAM);
  let spent = 0;
  return found.filter((state) => !state.spent || ++spent <= BEAM - UNSPENT).slice(0, BEAM);
}

/** The best plan found for one day, given what the other days hold. */
export function planDay(frame: DayFrame, context: DayContext): DayDraft {
  let beam: State[] = [{ last: null, value: 0, spent: false }];
  const budgetIsBound = Number.isFinite(BUDGET_RULES[context.request.budgetBand].aDay);
  for (const stop of frame.stops) {
    const options = optionsFor(stop, frame, context);
    const found: State[] = [];
    for (const state of beam) {
      extend(state, stop, frame, options, context, found);
      const skipped = stop.required ? OBJECTIVE.skipRequired : OBJECTIVE.skipOptional;
      found.push({ ...state, value: state.value - skipped });
    }
    beam = keepBest(found, budgetIsBound);
  }
  const [best] = beam;
  const visits: DraftVisit[] = [];
  for (let node = best?.last ?? null; node !== null; node = node.before) {
    visits.unshift({ candidate: node.candidate, stop: node.stop, start: node.start, end: node.end });
  }
  const { candidates } = context.request;
  const ways = visits.map((visit, i) => {
    const next = visits[i + 1];
    return next ? context.minutes[visit.candidate * candidates.length + next.candidate]! : 0;
  });
  spreadDay(visits, (visit) => candidates[visit.candidate]!, ways, frame.weekday);
  return { visits, value: best?.value ?? 0 };
}
