/** A trip as the logging policy draws it: for every part of every day, what it shows, and how likely it was to. */
import type { Random } from '../../core/experiment/random.ts';
import { addDays, weekdayOf } from '../../core/itinerary/local-time.ts';
import { DAY_PARTS, type DayPart } from '../../core/ranking/ranker.ts';
import type { AxisValues } from './axes.ts';
import type { Chooser, Company, ShadowVenue } from './choice-model.ts';
import { appealOf, drawByUnits, GRID, inclusionUnits, policyLogit, policyScore } from './logging-policy.ts';
import { dayStops, type ReadyCity, type ShadowStop, takesCompany, visitMinutes } from './shadow-city.ts';

const ALTERNATIVES = 3;

export interface DrawnSlot {
  stop: ShadowStop;
  place: ShadowVenue;
  score: number;
  /** Minutes of the day. */
  start: number;
  end: number;
  /** What could have stood here too, best first. */
  alternatives: { place: ShadowVenue; score: number; start: number; end: number }[];
}

export interface DrawnMoment {
  dayNumber: number;
  dayPart: DayPart;
  slots: DrawnSlot[];
  /** In the order of the candidates, multiples of 1 / GRID; they sum to the number of slots. */
  propensities: number[];
}

export interface DrawnTrip {
  candidates: readonly ShadowVenue[];
  /** By day part, in the order of `DAY_PARTS`. */
  scores: number[][];
  moments: DrawnMoment[];
}

export interface TripFrame {
  startDate: string;
  days: number;
  values: AxisValues;
  company: Company;
}

/** No venue stands in a trip twice: probabilities are those given what the moments before have shown. */
export function drawTrip(ready: ReadyCity, chooser: Chooser, frame: TripFrame, random: Random): DrawnTrip {
  const candidates = ready.candidates(chooser);
  const logits = candidates.map((place) => policyLogit(chooser, place, frame.company));
  const scores = DAY_PARTS.map((dayPart) => candidates.map((place, i) => policyScore(logits[i]!, place, dayPart)));
  const lists = scores.map((list) => ({
    scores: list,
    appeals: list.map(appealOf),
    order: candidates.map((_, i) => i).sort((a, b) => list[b]! - list[a]! || a - b),
  }));
  const free = candidates.map((place) => takesCompany(place, frame.company));
  const stops = dayStops(frame.values);
  const moments: DrawnMoment[] = [];
  for (let dayNumber = 1; dayNumber <= frame.days; dayNumber++) {
    const weekday = weekdayOf(addDays(frame.startDate, dayNumber - 1));
    DAY_PARTS.forEach((dayPart, part) => {
      const here = stops.filter((one) => one.dayPart === dayPart);
      if (here.length === 0) return;
      const drawing: Drawing = {
        candidates,
        ...lists[part]!,
        free,
        taken: new Set(),
        propensities: new Array<number>(candidates.length).fill(0),
      };
      // Meals first: what serves one is no activity of the same moment, so that every venue has one probability.
      const meals = here.filter(({ role }) => role !== 'activity');
      const activities = here.filter(({ role }) => role === 'activity');
      const slots = [meals, activities].flatMap((group) => {
        const starts = group.map((at) => ready.starts(at, weekday));
        return drawGroup(drawing, group, starts, random);
      });
      slots.sort((a, b) => a.start - b.start);
      moments.push({ dayNumber, dayPart, slots, propensities: drawing.propensities });
    });
  }
  return { candidates, scores, moments };
}

interface Drawing {
  candidates: readonly ShadowVenue[];
  /** By candidate. */
  scores: readonly number[];
  appeals: readonly number[];
  /** Candidates, best first. */
  order: readonly number[];
  /** By candidate: not shown in the trip so far, and open to the company. */
  free: boolean[];
  /** Candidates that an earlier group of the same moment could have shown. */
  taken: Set<number>;
  propensities: number[];
}

/** Fills stops that are alike, as far as there are venues. `starts`: of each stop, by index of the place. */
function drawGroup(
  drawing: Drawing,
  group: readonly ShadowStop[],
  starts: readonly Int16Array[],
  random: Random,
): DrawnSlot[] {
  const { candidates, scores, appeals, order, free, taken, propensities } = drawing;
  if (group.length === 0) return [];
  const pool: number[] = [];
  for (const i of order) {
    if (!free[i] || taken.has(i) || starts.some((start) => start[candidates[i]!.index]! < 0)) continue;
    pool.push(i);
  }
  for (const i of pool) taken.add(i);
  const count = Math.min(group.length, pool.length);
  if (count === 0) return [];
  const units = inclusionUnits(
    pool.map((i) => appeals[i]!),
    count,
  );
  const drawn = drawByUnits(units, random).map((k) => pool[k]!);
  for (let k = 0; k < pool.length; k++) propensities[pool[k]!] = units[k]! / GRID;
  const best = pool.slice(0, count * (ALTERNATIVES + 1)).filter((i) => !drawn.includes(i));
  return drawn.map((i, k) => {
    const at = group[k]!;
    const timed = (j: number) => {
      const place = candidates[j]!;
      const start = starts[k]![place.index]!;
      return { place, score: scores[j]!, start, end: start + visitMinutes(place.venue, at) };
    };
    free[i] = false;
    // Two slots of one moment share no alternative.
    const mine = best.filter((_, rank) => rank % count === k).slice(0, ALTERNATIVES);
    return { stop: at, ...timed(i), alternatives: mine.map(timed) };
  });
}
