/** How often another plan is asked for. */
import type { SimTraveller } from '../traveller.ts';
import { PIVOT_BANDS } from './cut-offs.ts';
import { type Metric, NOTHING, shareOf } from './metric.ts';

export const pivotRate: Metric = {
  name: 'pivot_rate',
  title: 'Pivot rate',
  formula: 'slots in which the traveller asked for another plan / slots',
  unit: 'share',
  range: [0, 1],
  better: null,
  measure: ({ slots }) => shareOf(slots, ({ decision }) => decision.decision === 'pivot'),
};

function banded(band: keyof typeof PIVOT_BANDS, of: string): Metric {
  return {
    ...pivotRate,
    name: band === 'group' ? 'pivot_rate_groups' : 'pivot_rate_warm_solo',
    title: `Pivot rate of ${of}`,
    formula: `slots in which ${of} asked for another plan / their slots`,
    measure: (trip) => (pivotBand(trip.traveller) === band ? pivotRate.measure(trip) : NOTHING),
  };
}

export const groupPivotRate = banded('group', 'groups');
export const warmSoloPivotRate = banded('warmSolo', 'the warm who go alone');

/** Whose rate the seed names a band for: groups (two or more), and the warm who go alone; null of all others. */
export function pivotBand({ party, warm }: Pick<SimTraveller, 'party' | 'warm'>): keyof typeof PIVOT_BANDS | null {
  if (party.size > 1) return 'group';
  return warm ? 'warmSolo' : null;
}

/** Bands hold their lower end, and not their upper one. */
export function inPivotBand(band: keyof typeof PIVOT_BANDS, rate: number): boolean {
  const [least, most] = PIVOT_BANDS[band];
  return band === 'group' ? rate >= least && rate <= most : rate >= least && rate < most;
}
