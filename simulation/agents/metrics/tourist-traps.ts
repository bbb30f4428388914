/** Tourist traps that were taken, and top choices that keep away from them. */
import { ESCAPED, ESCAPING, isTouristTrap } from './cut-offs.ts';
import { type Metric, NOTHING, shareOf } from './metric.ts';

export const touristTrapRate: Metric = {
  name: 'tourist_trap_rate',
  title: 'Tourist-trap rate',
  formula: 'accepted venues with a tourist score > 0.7 / accepted venues',
  unit: 'share',
  range: [0, 1],
  better: 'lower',
  measure: ({ slots }) =>
    shareOf(
      slots,
      ({ taken }) => isTouristTrap(taken!),
      ({ taken }) => taken !== null,
    ),
};

/** Of a place without a score nobody can say it: such a top choice does not count. */
export const touristTrapEscape: Metric = {
  name: 'tourist_trap_escape',
  title: 'Tourist-trap escape',
  formula: 'top choices with a tourist score < 0.5 / top choices with a score, of A1, A2 and A8',
  unit: 'share',
  range: [0, 1],
  better: 'higher',
  measure: ({ traveller, slots }) =>
    (ESCAPING as readonly string[]).includes(traveller.archetypeId)
      ? shareOf(
          slots,
          ({ ranked }) => ranked[0]!.touristScore! < ESCAPED,
          ({ ranked }) => ranked[0]!.touristScore !== null,
        )
      : NOTHING,
};
