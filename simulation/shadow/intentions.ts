/** Why somebody did not want what was shown: weighted by chance, among the reasons that can be theirs. */
import type { Random } from '../../core/experiment/random.ts';
import type { Intention } from '../../core/signal/signal.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { Company } from './choice-model.ts';

export const INTENTION_WEIGHTS: Readonly<Record<Intention, number>> = {
  not_interested: 0.3,
  too_far: 0.12,
  too_crowded: 0.12,
  wrong_time: 0.12,
  group_conflict: 0.12,
  price_mismatch: 0.1,
  already_been: 0.07,
  other: 0.05,
};
/** Takes the weight of what cannot be. */
export const FALLBACK_INTENTION: Intention = 'not_interested';

/** From this price level on a place is expensive. */
const EXPENSIVE = 3;
const CROWDED = 0.4;

/** Of the skips and swaps whose reason is asked. */
export const ASKED = 0.16;
/** A traveller answers no more often than this. */
export const MOST_INTENTIONS_A_USER = 9;

export interface IntentionCase {
  venue: Pick<Venue, 'priceLevel' | 'touristScore'>;
  company: Company;
  /** In an earlier trip, or in this one. */
  beenThere: boolean;
}

export function eligible(intention: Intention, { venue, company, beenThere }: IntentionCase): boolean {
  switch (intention) {
    case 'group_conflict':
      return company.size > 1;
    case 'price_mismatch':
      return venue.priceLevel >= EXPENSIVE && company.budget === 'low';
    case 'too_crowded':
      return (venue.touristScore ?? 0) >= CROWDED;
    case 'already_been':
      return beenThere;
    default:
      return true;
  }
}

/** Sums to what `INTENTION_WEIGHTS` sums to. */
export function intentionWeights(of: IntentionCase): Record<Intention, number> {
  const weights = { ...INTENTION_WEIGHTS };
  for (const intention of Object.keys(weights) as Intention[]) {
    if (eligible(intention, of)) continue;
    weights[FALLBACK_INTENTION] += weights[intention];
    weights[intention] = 0;
  }
  return weights;
}

export function drawIntention(of: IntentionCase, random: Random): Intention {
  const weights = intentionWeights(of);
  const names = Object.keys(weights) as Intention[];
  return names[random.weighted(names.map((name) => weights[name]))]!;
}
