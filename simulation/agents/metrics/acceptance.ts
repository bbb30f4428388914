/** How often the predicted top choice is taken, and how often anything is. */
import { type Metric, shareOf } from './metric.ts';

export const acceptanceRate: Metric = {
  name: 'acceptance_rate',
  title: 'Acceptance rate',
  formula: 'slots in which the predicted top choice was accepted (or lingered at) / slots',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  measure: ({ slots }) => shareOf(slots, ({ taken, ranked }) => taken !== null && taken.id === ranked[0]!.id),
};

export const takenRate: Metric = {
  name: 'taken_rate',
  title: 'Slots filled',
  formula: 'slots in which any of the ten was accepted (or lingered at) / slots',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  measure: ({ slots }) => shareOf(slots, ({ taken }) => taken !== null),
};
