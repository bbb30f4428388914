/** What a run will cost, before it begins. */
import type { SimulationSettings } from '../settings.ts';
import { type PopulationRequest, travellerAt } from '../traveller.ts';
import { costOf, type Price, type Tokens } from './models.ts';

/** Tokens of a usual call; a test holds them against the prompts. Seed 0 reckons with 1,500 in all. */
export const USUAL_TOKENS = {
  persona: { input: 1500, output: 45 },
  ranker: { input: 1500, output: 180 },
} as const satisfies Record<string, Tokens>;

export interface CostEstimate {
  calls: number;
  tokens: Tokens;
  usd: number;
}

/** Slots of the population: three a day. */
export function slotsOf({ seed, archetypes, travellers }: SimulationSettings, cities: readonly string[]): number {
  const request: PopulationRequest = { seed, archetypes, cities };
  let days = 0;
  for (let i = 0; i < travellers; i++) days += travellerAt(request, i).trip.days;
  return 3 * days;
}

/** @param asks price of each kind of call, and how many there are a slot */
export function estimateCost(
  slots: number,
  asks: readonly { kind: keyof typeof USUAL_TOKENS; price: Price; perSlot: number }[],
): CostEstimate {
  const estimate: CostEstimate = { calls: 0, tokens: { input: 0, output: 0 }, usd: 0 };
  for (const { kind, price, perSlot } of asks) {
    const calls = slots * perSlot;
    const tokens = { input: calls * USUAL_TOKENS[kind].input, output: calls * USUAL_TOKENS[kind].output };
    estimate.calls += calls;
    estimate.tokens.input += tokens.input;
    estimate.tokens.output += tokens.output;
    estimate.usd += costOf(price, tokens);
  }
  return estimate;
}
