/**
 * How the hidden population decides: another random-utility model than the synthetic one. Its parameters were written before any
 * predictor was measured; `docs/low-data.md` lists in what they differ, and nobody tunes them to make a table come true.
 */
import type { Random } from '../../core/experiment/random.ts';
import type { BudgetBand } from '../../core/ranking/ranker.ts';
import type { Condition } from '../../core/weather/condition.ts';

/** In logits, but for what says otherwise. */
export const HIDDEN_MODEL = {
  version: 'hidden-population@1',
  /** What is offered has to be worth more than 0. */
  base: 0.3,
  /** Of the category's affinity, less a half; each traveller's own weight is this times e^(spread x normal). */
  affinity: 1.3,
  vibe: 1.6,
  weightSpread: 0.4,
  local: 0.7,
  /** Of the tourist score, to who has no local bias: fame draws. The synthetic agent is only ever repelled by it. */
  fame: 1.2,
  /** Times a hidden aversion (log-normal, median 1), lack of tolerance and tourist score. */
  crowds: 1.4,
  crowdSpread: 0.5,
  /** A price level above what the budget is at ease with, at a cost sensitivity of a half: at lower prices than the synthetic agent's. */
  price: 1.1,
  party: 0.5,
  /** Latent: how good the place is, whether one is its kind of guest, and a whim of each traveller's for each category. */
  quality: 0.7,
  style: 0.8,
  whim: 0.7,
  /** Sequence. */
  sameCategoryAgain: 1.1,
  fatigue: 2,
  /** Each day of a trip one is harder to please by so much, and each dimension has moved by so much, in a direction of the trip's own. */
  weary: 0.12,
  drift: 0.03,
  /** Standard deviation of the mood of a slot. */
  mood: 0.6,
  /** Scale of the logistic noise of each decision: a standard deviation of 0.91, the synthetic agent's is 0.78 in all. */
  noise: 0.5,
  /** Standard deviations: of the dimensions around the archetype (synthetic: 0.1), and of what the app is told of them (synthetic: 0). */
  sigma: 0.18,
  toldError: 0.12,
  weather: { clear: -0.3, cloudy: 0, rain: 1.1, heavy_rain: 2, snow: 0.5, hot: 0.9 } satisfies Record<
    Condition,
    number
  >,
} as const;

export const EASY_PRICE: Record<BudgetBand, number> = { low: 0, mid: 1, high: 3 };

/** What a traveller hides beside the dimensions. */
export interface HiddenTaste {
  /** Of guests, as places have one too. */
  style: Float64Array;
  crowds: number;
  affinityWeight: number;
  vibeWeight: number;
}

export function hiddenTaste(random: Random): HiddenTaste {
  const m = HIDDEN_MODEL;
  return {
    style: Float64Array.from({ length: 3 }, () => random.normal()),
    crowds: Math.exp(m.crowdSpread * random.normal()),
    affinityWeight: m.affinity * Math.exp(m.weightSpread * random.normal()),
    vibeWeight: m.vibe * Math.exp(m.weightSpread * random.normal()),
  };
}
