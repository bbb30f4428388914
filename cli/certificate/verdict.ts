/** What the simulation may be used for, by rules that stand beside what they found. */
import type { AcceptanceCalibration } from './acceptance.ts';
import type { Discrimination } from './discrimination.ts';
import type { LeakageAudit } from './leakage.ts';
import type { Sample } from './sampled.ts';
import type { TwoSample } from './two-sample.ts';
import type { VariantOrder } from './variant-order.ts';

/** A part, or why there is none. */
export type Part<T> = { state: 'measured'; found: T } | { state: 'skipped'; why: string };

export interface Parts {
  discrimination: Part<{ ratios: Discrimination[]; sample: Sample }>;
  twoSample: Part<{ against: TwoSample[]; sample: Sample }>;
  leakage: Part<LeakageAudit>;
  acceptance: Part<Record<'told' | 'untold', AcceptanceCalibration>>;
  variantOrder: Part<VariantOrder>;
}

export interface UseVerdict {
  use: string;
  /** `unknown`: what it rests on was not measured. */
  answer: 'yes' | 'no' | 'unknown';
  /** The rule, in words, and what it found. */
  because: string;
}

/** A classifier under this is told apart from chance by little. */
const ALIKE = 0.6;
/** What orders that have nothing to do with each other reach more often than this is no agreement. */
const CHANCE = 0.05;

export function verdicts(parts: Parts): UseVerdict[] {
  return [brokenRankers(parts), orderOfRankers(parts), nextChoice(parts), acceptanceRates(parts), trainingData(parts)];
}

const digits = (value: number) => value.toFixed(3);
const span = (interval: { lower: number; upper: number } | null) =>
  interval ? `${digits(interval.lower)} to ${digits(interval.upper)}` : 'no interval';

function brokenRankers({ leakage }: Parts): UseVerdict {
  const use = 'Finding rankers that are broken: wrong wiring, lists that do not depend on the traveller';
  if (leakage.state === 'skipped') return { use, answer: 'unknown', because: leakage.why };
  const { views, changed, otherDecisions, unknownFields } = leakage.found;
  if (otherDecisions === 0) return { use, answer: 'unknown', because: 'the leakage audit put nothing to the test' };
  const clean = changed === 0 && unknownFields.length === 0;
  const found = `${changed} of ${views} views changed with what the agent hides; ${unknownFields.length} unknown fields`;
  return { use, answer: clean ? 'yes' : 'no', because: `yes where rankers see nothing hidden: ${found}` };
}

function orderOfRankers({ variantOrder }: Parts): UseVerdict {
  const use = 'Saying which of two rankers real travellers would like better';
  if (variantOrder.state === 'skipped') return { use, answer: 'unknown', because: variantOrder.why };
  const { tau, chance, variants, pairs } = variantOrder.found;
  const contrary = pairs.filter(({ verdict }) => verdict === 'contrary').length;
  const enough = chance <= CHANCE && contrary === 0 && (tau.interval?.lower ?? -1) > 0;
  const found = `tau ${digits(tau.value)} (${span(tau.interval)}) over ${variants.length} variants, by chance ${digits(chance)}, ${contrary} of ${pairs.length} pairs the other way round`;
  const rule = 'yes where tau is above 0, as chance is once in twenty at most, and no pair is contrary';
  return { use, answer: enough ? 'yes' : 'no', because: `${rule}: ${found}` };
}

function nextChoice({ discrimination }: Parts): UseVerdict {
  const use = 'Predicting where a real traveller goes';
  if (discrimination.state === 'skipped') return { use, answer: 'unknown', because: discrimination.why };
  const one = discrimination.found.ratios.find(({ distractors, ratio }) => distractors === 'uniform' && ratio === 1)!;
  // The better of two tellings: what it fails at, it fails at either way.
  const tellings = (['agent', 'agent_untold'] as const).map((name) => {
    return { accuracy: one.choosers[name].balanced_accuracy, over: one.overPopularity[name] };
  });
  const { accuracy, over } = tellings.sort((a, b) => b.accuracy.value! - a.accuracy.value!)[0]!;
  const better = (accuracy.interval?.lower ?? 0) > 0.5 && (over.interval?.lower ?? -1) > 0;
  const found = `balanced accuracy ${digits(accuracy.value!)} (${span(accuracy.interval)}) at 1:1, ${digits(over.value!)} (${span(over.interval)}) over popularity`;
  return { use, answer: better ? 'yes' : 'no', because: `yes where it beats chance and popularity: ${found}` };
}

function acceptanceRates({ acceptance }: Parts): UseVerdict {
  const use = 'Forecasting acceptance rates';
  if (acceptance.state === 'skipped') return { use, answer: 'unknown', because: acceptance.why };
  const found = (['told', 'untold'] as const)
    .map((by) => ({ by, ...acceptance.found[by] }))
    .map(
      ({ by, slope, interval }) => `slope ${slope === null ? 'none' : digits(slope)} (${span(interval)}), fame ${by}`,
    )
    .join('; ');
  const rule =
    'no while the level of acceptance is measured on no real offers; differences between places need a slope of 1';
  return { use, answer: 'no', because: `${rule}: ${found}` };
}

function trainingData({ twoSample }: Parts): UseVerdict {
  const use = 'Standing in for real sequences in training';
  if (twoSample.state === 'skipped') return { use, answer: 'unknown', because: twoSample.why };
  const { accuracy } = twoSample.found.against.find(({ against }) => against === 'agent')!;
  const alike = (accuracy.interval?.upper ?? 1) < ALIKE;
  const found = `a classifier is right about ${digits(accuracy.value!)} (${span(accuracy.interval)}) of them`;
  return {
    use,
    answer: alike ? 'yes' : 'no',
    because: `yes where a classifier is right less often than ${ALIKE}: ${found}`,
  };
}
