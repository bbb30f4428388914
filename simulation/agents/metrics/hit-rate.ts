/** HR@5 of the seed: was what was accepted among the first five? A slot in which nothing was accepted is no hit. */
import { HEAD } from './cut-offs.ts';
import { type Metric, shareOf } from './metric.ts';

export const hitRateAt5: Metric = {
  name: 'hr_at_5',
  title: 'HR@5',
  formula: 'slots in which one of the first five was accepted / slots',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  measure: ({ slots }) =>
    shareOf(slots, ({ taken, ranked }) => taken !== null && ranked.slice(0, HEAD).some(({ id }) => id === taken.id)),
};
