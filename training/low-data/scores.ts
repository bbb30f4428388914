/** How well decisions are foretold, added up by traveller, so that intervals can draw travellers. */
import type { UserSums } from '../../core/experiment/bootstrap.ts';

/**
 * Of p, that an offer is taken, and y, whether it was:
 *
 *   accuracy      = share of the offers with (p >= 1/2) = y
 *   sensitivity   = the same, of the offers that were taken; specificity: of those that were refused
 *   auc           = share of the pairs of a taken and a refused offer of one traveller in which p is higher for the taken one, ties half
 *   log_loss      = mean of -log of the probability of what happened, in nats; p is kept within 1e-6 of 0 and 1
 *   balanced accuracy is the mean of sensitivity and specificity
 */
export const SUMMED = ['accuracy', 'sensitivity', 'specificity', 'auc', 'log_loss'] as const;

const KEPT_OFF = 1e-6;

export interface Foretold {
  /** Any number that names the traveller. */
  traveller: number;
  accepted: boolean;
  probability: number;
}

/** [travellers, SUMMED]: travellers in the order of their first case. */
export function sumsOf(cases: readonly Foretold[]): UserSums {
  const travellers = [...Map.groupBy(cases, ({ traveller }) => traveller).values()];
  const metrics = SUMMED.length;
  const sums = new Float64Array(travellers.length * metrics);
  const counts = new Float64Array(travellers.length * metrics);
  for (const [row, own] of travellers.entries()) {
    const add = (metric: (typeof SUMMED)[number], sum: number, count: number) => {
      sums[row * metrics + SUMMED.indexOf(metric)]! += sum;
      counts[row * metrics + SUMMED.indexOf(metric)]! += count;
    };
    for (const { accepted, probability } of own) {
      const right = probability >= 0.5 === accepted ? 1 : 0;
      add('accuracy', right, 1);
      add(accepted ? 'sensitivity' : 'specificity', right, 1);
      const said = Math.min(1 - KEPT_OFF, Math.max(KEPT_OFF, accepted ? probability : 1 - probability));
      add('log_loss', -Math.log(said), 1);
    }
    const refused = own.filter(({ accepted }) => !accepted);
    for (const { accepted, probability } of own) {
      if (!accepted) continue;
      const won = refused.reduce((sum, other) => {
        return sum + (probability > other.probability ? 1 : probability === other.probability ? 0.5 : 0);
      }, 0);
      add('auc', won, refused.length);
    }
  }
  return { users: travellers.length, metrics, sums, counts };
}
