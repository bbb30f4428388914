/** Local places: taken, and shown. */
import { isLocalGem } from './cut-offs.ts';
import { type Metric, shareOf } from './metric.ts';

export const localGemRate: Metric = {
  name: 'local_gem_rate',
  title: 'Local-gem rate',
  formula: 'accepted venues with confidence > 0.7 and tourist score < 0.4 / accepted venues',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  measure: ({ slots }) =>
    shareOf(
      slots,
      ({ taken }) => isLocalGem(taken!),
      ({ taken }) => taken !== null,
    ),
};

export const novelVenueExposure: Metric = {
  name: 'novel_venue_exposure',
  title: 'Novel venue exposure',
  formula: 'recommended venues with confidence > 0.7 and tourist score < 0.4 / recommended venues',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  measure: ({ slots }) =>
    shareOf(
      slots.flatMap(({ ranked }) => ranked),
      isLocalGem,
    ),
};
