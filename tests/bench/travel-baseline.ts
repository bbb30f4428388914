/**
 * What assembly buys and what it costs: minutes on the way against a plan in rank order, the rank given up for them,
 * and the time that it takes. By itself: `node tests/bench/travel-baseline.ts`.
 */
import { assemble } from '../../core/itinerary/assemble.ts';
import type { AssemblyRequest } from '../../core/itinerary/assembly-request.ts';
import { suitsStop } from '../../core/itinerary/rules.ts';
import { travelBetween } from '../../core/itinerary/travel.ts';
import { readCatalogues } from '../../platform/database/city-catalogues.ts';
import { InMemoryPlanner } from '../planning/plan-in-memory.ts';
import { randomTrips } from '../planning/random-trips.ts';
import { planInRankOrder, type RankedVisit } from '../planning/rank-order-plan.ts';
import { ms, percentiles, type Row, table, timeEach } from './measure.ts';

const SEED = 200;
const TRIPS = 200;

interface PlanMeasures {
  stops: number;
  travelMinutes: number;
  legs: number;
  /** Of each visit: how many unused places that suit its stop are ranked before it. */
  ranks: number[];
  scores: number[];
}

function visitsOf(request: AssemblyRequest): RankedVisit[] {
  const venues = new Map(request.candidates.map((venue) => [venue.id, venue]));
  return assemble(request).flatMap(({ dayNumber, slots }) =>
    slots.map(({ stop, start, end, venueId }) => ({ dayNumber, stop, start, end, venue: venues.get(venueId)! })),
  );
}

function measuresOf(visits: readonly RankedVisit[], request: AssemblyRequest): PlanMeasures {
  const measures: PlanMeasures = { stops: visits.length, travelMinutes: 0, legs: 0, ranks: [], scores: [] };
  const used = new Set<string>();
  visits.forEach((visit, i) => {
    const before = visits[i - 1];
    if (before?.dayNumber === visit.dayNumber) {
      measures.travelMinutes += travelBetween(before.venue.location, visit.venue.location).minutes;
      measures.legs += 1;
    }
    const scores = request.scores(visit.dayNumber, visit.stop.dayPart);
    const own = scores[request.candidates.indexOf(visit.venue)]!;
    const ahead = request.candidates.filter(
      (venue, c) => scores[c]! > own && !used.has(venue.id) && suitsStop(venue, visit.stop),
    );
    measures.ranks.push(ahead.length);
    measures.scores.push(own);
    used.add(visit.venue.id);
  });
  return measures;
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

function spread(values: readonly number[], digits: number, unit: string): string {
  const { p50, p95 } = percentiles(values);
  return `mean ${mean(values).toFixed(digits)}, median ${p50.toFixed(digits)}, p95 ${p95.toFixed(digits)}${unit}`;
}

/** Over 200 seeded trips in all cities: each figure is of a trip, and mean, median and p95 are over the trips. */
export async function travelBaseline(): Promise<Row[]> {
  const catalogues = (await readCatalogues()).filter(({ city }) => city.venues.length > 0);
  const planner = new InMemoryPlanner(catalogues);
  const orders = randomTrips(
    SEED,
    TRIPS * 2,
    catalogues.map(({ city }) => city),
  )
    .filter(({ days, notBefore }) => days <= 14 && notBefore === 0)
    .slice(0, TRIPS);

  const pairs: { ours: PlanMeasures; baseline: PlanMeasures }[] = [];
  for (const order of orders) {
    const { request } = await planner.prepare(order);
    const ours = measuresOf(visitsOf(request), request);
    const baseline = measuresOf(planInRankOrder(request), request);
    pairs.push({ ours, baseline });
  }
  const of = (value: (plan: PlanMeasures) => number) => ({
    ours: pairs.map(({ ours }) => value(ours)),
    baseline: pairs.map(({ baseline }) => value(baseline)),
    less: pairs.map(({ ours, baseline }) => value(baseline) - value(ours)),
  });
  const travel = of((plan) => plan.travelMinutes);
  const leg = of((plan) => plan.travelMinutes / plan.legs);
  const rank = of((plan) => mean(plan.ranks));
  const score = of((plan) => mean(plan.scores));
  const stops = of((plan) => plan.stops);
  const saved = pairs.map(({ ours, baseline }) => 100 * (1 - ours.travelMinutes / baseline.travelMinutes));

  const row = (what: string, measured: string): Row => ({ what, target: '', measured, reached: null });
  return [
    row(`Travel of a trip, ours (${TRIPS} trips)`, spread(travel.ours, 0, ' minutes')),
    row('Travel of a trip, in rank order', spread(travel.baseline, 0, ' minutes')),
    row('Travel saved', spread(saved, 0, ' %')),
    row('A way between two stops, ours', spread(leg.ours, 1, ' minutes')),
    row('A way between two stops, in rank order', spread(leg.baseline, 1, ' minutes')),
    row('Better-ranked places passed over at a stop, ours', spread(rank.ours, 1, '')),
    row('Better-ranked places passed over at a stop, in rank order', spread(rank.baseline, 1, '')),
    row(
      'Rank given up at a stop',
      spread(
        rank.less.map((less) => -less),
        1,
        '',
      ),
    ),
    row('Score given up at a stop (scores lie in [0, 1])', spread(score.less, 3, '')),
    row('Stops of a trip, ours', spread(stops.ours, 1, '')),
    row('Stops of a trip, in rank order', spread(stops.baseline, 1, '')),
  ];
}

/** CPU of the assembly of 7-day trips from 200 candidates, each of another traveller. */
export async function assemblyTime(): Promise<Row[]> {
  const catalogues = (await readCatalogues()).filter(({ city }) => city.venues.length >= 300);
  const planner = new InMemoryPlanner(catalogues);
  const requests: AssemblyRequest[] = [];
  for (const order of randomTrips(
    SEED,
    100,
    catalogues.map(({ city }) => city),
  )) {
    const { request } = await planner.prepare({ ...order, days: 7, notBefore: 0 });
    if (request.candidates.length === 200) requests.push(request);
  }
  const samples = await timeEach(400, 200, (run) => {
    const request = requests[(run + 1_000) % requests.length]!;
    return void assemble(request);
  });
  const { p50, p95 } = percentiles(samples);
  return [
    {
      what: `Assembly of 7 days from 200 candidates (${requests.length} travellers)`,
      target: 'p95 < 10 ms',
      measured: `p50 ${ms(p50)} ms, p95 ${ms(p95)} ms`,
      reached: p95 < 10,
    },
  ];
}

if (import.meta.main) console.log(table([...(await assemblyTime()), ...(await travelBaseline())]));
