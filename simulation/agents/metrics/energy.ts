/** Whether what is recommended follows the energy of a day and of a trip. */
import { FATIGUE_DAY } from './cut-offs.ts';
import { type Metric, NOTHING, shareOf } from './metric.ts';

export const energyCurveFit: Metric = {
  name: 'energy_curve_fit',
  title: 'Energy-curve fit',
  formula: 'mean over slots of 1 - |energy of the top choice - energy that suits the moment|',
  unit: 'fit',
  range: [0, 1],
  better: 'higher',
  measure: ({ slots }) => ({
    sum: slots.reduce((sum, { ranked, targetEnergy }) => sum + 1 - Math.abs(ranked[0]!.energy - targetEnergy), 0),
    count: slots.length,
  }),
};

/** Pearson's r over the slots of a trip; a trip of one level throughout says nothing. */
export const energyArcCoherence: Metric = {
  name: 'energy_arc_coherence',
  title: 'Energy-arc coherence',
  formula: "mean over travellers of r(energy that suits the slot, energy of the top choice) over the trip's slots",
  unit: 'correlation',
  range: [-1, 1],
  better: 'higher',
  measure: ({ slots }) => {
    const r = correlation(
      slots.map(({ targetEnergy }) => targetEnergy),
      slots.map(({ ranked }) => ranked[0]!.energy),
    );
    return r === null ? NOTHING : { sum: r, count: 1 };
  },
};

/** 0.5: the days do not differ. Ties count half. */
export const day3Adaptation: Metric = {
  name: 'day3_adaptation',
  title: 'Day-3 adaptation',
  formula:
    'slots from day 3 on whose top choice asks for less energy than the same part of day 1 did (equal: half) / such slots',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  measure: ({ slots }) => {
    let sum = 0;
    let count = 0;
    for (const { day, dayPart, ranked } of slots) {
      const first = slots.find((slot) => slot.day === 1 && slot.dayPart === dayPart);
      if (day < FATIGUE_DAY || !first) continue;
      const [before, now] = [first.ranked[0]!.energy, ranked[0]!.energy];
      sum += now < before ? 1 : now === before ? 0.5 : 0;
      count++;
    }
    return { sum, count };
  },
};

export const day3Response: Metric = {
  name: 'day3_response',
  title: 'Day-3 response',
  formula: 'slots from day 3 on whose top choice asks for no more energy than the traveller has left / such slots',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  measure: ({ slots }) =>
    shareOf(
      slots,
      ({ ranked, energyLeft }) => ranked[0]!.energy <= energyLeft,
      ({ day }) => day >= FATIGUE_DAY,
    ),
};

/** Pearson's; null with fewer than two pairs, or where one side does not vary. */
export function correlation(x: readonly number[], y: readonly number[]): number | null {
  const n = x.length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    xx += (x[i]! - mx) ** 2;
    yy += (y[i]! - my) ** 2;
    xy += (x[i]! - mx) * (y[i]! - my);
  }
  if (n < 2 || !(xx > 1e-12) || !(yy > 1e-12)) return null;
  return xy / Math.sqrt(xx * yy);
}
