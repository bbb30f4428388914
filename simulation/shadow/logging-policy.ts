/**
 * The policy whose trips are logged: it draws what it shows, each venue with a probability that is stated. Scores come
 * from what a ranker can know; nothing of the travellers' behaviour flows back into them.
 */
import type { Random } from '../../core/experiment/random.ts';
import { partyFit } from '../../core/ranking/party-fit.ts';
import type { DayPart } from '../../core/ranking/ranker.ts';
import { dot } from '../../core/venue/unit-vector.ts';
import { type Chooser, type Company, type ShadowVenue, sigmoid } from './choice-model.ts';

export const POLICY = {
  /** Of each choice, this share is spread evenly over all that could stand there. */
  exploration: 0.25,
  /** Of scores in logits. */
  temperature: 0.45,
  weights: { vibe: 2.4, local: 0.6, party: 0.5, evening: 0.6, overrated: 0.8 },
} as const;

/** Probabilities are whole multiples of 1 / GRID. */
export const GRID = 10_000;

/** What does not change over a trip. */
export function policyLogit(chooser: Chooser, place: ShadowVenue, company: Company): number {
  const { persona } = chooser;
  const { venue } = place;
  const w = POLICY.weights;
  const bias = 2 * persona.dimensions.local_vs_tourist_bias - 1;
  return (
    w.vibe * dot(persona.retrieval, place.vector) +
    w.local * bias * ((venue.localScore ?? 0.5) - (venue.touristScore ?? 0.5)) +
    w.party * Math.max(-1, Math.min(1, partyFit(venue, company))) -
    (venue.overrated ? w.overrated : 0)
  );
}

/** In (0, 1), 4 decimals. */
export function policyScore(logit: number, place: ShadowVenue, dayPart: DayPart): number {
  const late = place.family === 'nightlife' ? (dayPart === 'evening' ? 1 : -1) : 0;
  return Math.round(sigmoid(logit + POLICY.weights.evening * late) * 1e4) / 1e4;
}

/** The weight of a score in a draw: its odds, sharpened. */
export function appealOf(score: number): number {
  return (score / (1 - score)) ** (1 / POLICY.temperature);
}

/**
 * Inclusion probabilities of `count` draws without replacement, as whole numbers of 1 / GRID that sum to `count * GRID`
 * exactly, none above GRID: in proportion to `appeals`, but for the share that explores. `count` is at most their number.
 */
export function inclusionUnits(appeals: readonly number[], count: number): Int32Array {
  const n = appeals.length;
  if (count > n) throw new RangeError(`${count} cannot be drawn from ${n}`);
  if (count === n) return new Int32Array(n).fill(GRID);
  let total = 0;
  for (const appeal of appeals) total += appeal;
  const weights = appeals.map((x) => (1 - POLICY.exploration) * (x / total) + POLICY.exploration / n);
  return onGrid(capped(weights, count));
}

/** Proportional to the weights, but for those that would exceed 1: they are certain, and the others share what is left. */
function capped(weights: readonly number[], count: number): number[] {
  let certain = 0;
  let rest = 1;
  let limit = Number.POSITIVE_INFINITY;
  for (;;) {
    const scale = (count - certain) / rest;
    const over = weights.filter((w) => w < limit && w * scale > 1);
    if (over.length === 0) return weights.map((w) => (w >= limit ? 1 : w * scale));
    limit = Math.min(...over);
    certain += over.length;
    for (const w of over) rest -= w;
  }
}

/** By rounding the running sum, so that what one loses the next one has; each differs by less than one unit. */
function onGrid(probabilities: readonly number[]): Int32Array {
  let sum = 0;
  let before = 0;
  return Int32Array.from(probabilities, (p) => {
    sum += p;
    const upTo = Math.round(sum * GRID);
    const units = upTo - before;
    before = upTo;
    return units;
  });
}

/**
 * Draws so that each index comes with exactly its probability (systematic sampling, Madow 1949), in random order.
 * `units` sum to a multiple of GRID.
 */
export function drawByUnits(units: Int32Array, random: Random): number[] {
  const order = random.shuffle(Array.from(units, (_, i) => i));
  const start = random.int(GRID);
  const drawn: number[] = [];
  let sum = 0;
  for (const i of order) {
    // A multiple of GRID past the start within [sum, sum + units): drawn.
    if (Math.ceil((sum - start) / GRID) * GRID + start < sum + units[i]!) drawn.push(i);
    sum += units[i]!;
  }
  return random.shuffle(drawn);
}
