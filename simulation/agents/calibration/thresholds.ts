/**
 * From how often ranker and language model side name one top choice to a threshold of the arbiter (seed 0, step 7: "if they agree
 * > X% of the time for warm A1 users, set that archetype's threshold at X"). The arbiter compares a rank correlation, which
 * is on another scale than a share: so that as many slots agree by the one as by the other, the threshold is the quantile
 * of the archetype's correlations above which a share X of them lies; where that is below 0, it is 0: unrelated orders agree in nothing.
 */
import type { CalibratedThreshold, CalibrationMeasurement } from '../../../core/arbitration/calibration.ts';
import { quantile } from '../../../core/experiment/bootstrap.ts';
import type { Random } from '../../../core/experiment/random.ts';
import type { ArmRow } from './arm-rows.ts';

/** With less, or with an interval wider than a fifth of the scale of correlations, there is no threshold. */
export const ENOUGH = { slots: 100, travellers: 10, widest: 0.4 } as const;
const LEVEL = 0.95;

/** A slot of a warm traveller in which both sides ranked. */
export interface ComparedSlot {
  /** Rank correlation of the top tens, in [-1, 1]. */
  score: number;
  sameTop: boolean;
  /** The ranker's top choice was taken. */
  taken: boolean;
}

/** Of a trip's rows; none of a cold traveller. Who lingered has a row for having accepted, too. */
export function comparedSlots(rows: readonly ArmRow[]): ComparedSlot[] {
  return rows.flatMap(({ signal_type, context: { agreement, rank } }) => {
    if (!agreement || signal_type === 'slot_linger') return [];
    return [{ score: agreement.score, sameTop: agreement.same_top, taken: rank === 1 }];
  });
}

/**
 * @param travellers of one archetype, those who have such a slot: what is resampled, for the slots of one hang together
 * @param resamples of the bootstrap; percentiles
 */
export function measure(
  travellers: readonly (readonly ComparedSlot[])[],
  resamples: number,
  random: Random,
): CalibrationMeasurement {
  const all = travellers.flat();
  const counts = { slots: all.length, travellers: travellers.length };
  if (all.length === 0) {
    const acceptance = { above: null, at_or_below: null };
    return { ...counts, same_top: null, agreement: null, acceptance, refused: 'no slot was compared' };
  }
  const found = thresholdOf(all);
  const drawn = Array.from({ length: resamples }, () =>
    thresholdOf(travellers.flatMap(() => travellers[random.int(travellers.length)]!)),
  );
  const withInterval = (part: keyof Threshold) => {
    const sorted = drawn.map((one) => one[part]).sort((a, b) => a - b);
    const interval = {
      lower: rounded(quantile(sorted, (1 - LEVEL) / 2)),
      upper: rounded(quantile(sorted, (1 + LEVEL) / 2)),
    };
    return { value: rounded(found[part]), interval };
  };
  const agreement = withInterval('agreement');
  return {
    ...counts,
    same_top: withInterval('sameTop'),
    agreement,
    acceptance: {
      above: takenShare(all.filter(({ score }) => score > agreement.value)),
      at_or_below: takenShare(all.filter(({ score }) => score <= agreement.value)),
    },
    refused: whyNot(counts, agreement.interval),
  };
}

interface Threshold {
  sameTop: number;
  agreement: number;
}

function thresholdOf(slots: readonly ComparedSlot[]): Threshold {
  const scores = Float64Array.from(slots, ({ score }) => score).sort();
  const sameTop = slots.filter((slot) => slot.sameTop).length / slots.length;
  return { sameTop, agreement: quantile(scores, 1 - sameTop) };
}

function takenShare(slots: readonly ComparedSlot[]): number | null {
  return slots.length === 0 ? null : rounded(slots.filter(({ taken }) => taken).length / slots.length);
}

function whyNot(
  { slots, travellers }: { slots: number; travellers: number },
  { lower, upper }: { lower: number; upper: number },
): string | null {
  if (slots < ENOUGH.slots || travellers < ENOUGH.travellers) {
    return `${slots} slots of ${travellers} travellers: it takes ${ENOUGH.slots} of ${ENOUGH.travellers}`;
  }
  if (upper - lower > ENOUGH.widest) {
    return `the threshold lies somewhere from ${lower} to ${upper}: wider than ${ENOUGH.widest}`;
  }
  return null;
}

/** Null where it was refused. */
export function thresholdFrom(measured: CalibrationMeasurement): CalibratedThreshold | null {
  const { agreement, same_top, slots, travellers, refused } = measured;
  if (refused !== null || !agreement || !same_top) return null;
  const { value, interval } = agreement;
  return { agreement: Math.max(0, value), same_top: same_top.value, slots, travellers, interval };
}

const rounded = (x: number) => Math.round(x * 1e4) / 1e4;
