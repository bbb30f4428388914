/** How well predicted labels agree with the teacher's, counted in the ways that the literature does. */

import { BOOTSTRAP, quantile } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { type Measured, meanOf, ratioOf } from '../../training/text/measured.ts';

/** [texts, labels], 1 where the label is given. */
export interface Labels {
  count: number;
  width: number;
  given: ArrayLike<number>;
}

interface Agreement {
  /** Of each text. */
  both: number[];
  predicted: number[];
  given: number[];
}

function agreement(predicted: Labels, teacher: Labels): Agreement {
  const rows: Agreement = { both: [], predicted: [], given: [] };
  for (let row = 0; row < teacher.count; row++) {
    let both = 0;
    let said = 0;
    let given = 0;
    for (let i = row * teacher.width; i < (row + 1) * teacher.width; i++) {
      if (predicted.given[i]) said++;
      if (teacher.given[i]) given++;
      if (predicted.given[i] && teacher.given[i]) both++;
    }
    rows.both.push(both);
    rows.predicted.push(said);
    rows.given.push(given);
  }
  return rows;
}

/**
 * Micro-averaged F1, precision and recall over all pairs of text and label; macro-averaged F1 over the labels that the
 * teacher gives at all; example-based accuracy |A and B| / |A or B| (Godbole and Sarawagi 2004); subset accuracy, the
 * share of texts with every label right; per-label accuracy, the share of right pairs, which saying nothing already
 * brings near 1. Intervals over texts, one a venue.
 */
export function labelMetrics(predicted: Labels, teacher: Labels, seed: number): Record<string, Measured> {
  const { both, predicted: said, given } = agreement(predicted, teacher);
  const { width } = teacher;
  const each = (value: (row: number) => number) => both.map((_, row) => value(row));
  const either = each((row) => said[row]! + given[row]! - both[row]!);
  return {
    micro_f1: ratioOf(
      each((row) => 2 * both[row]!),
      each((row) => said[row]! + given[row]!),
      seed,
    ),
    micro_precision: ratioOf(both, said, seed),
    micro_recall: ratioOf(both, given, seed),
    macro_f1: macroF1(predicted, teacher, seed),
    example_accuracy: meanOf(
      each((row) => (either[row] === 0 ? 1 : both[row]! / either[row]!)),
      seed,
    ),
    subset_accuracy: meanOf(
      each((row) => (either[row] === both[row] ? 1 : 0)),
      seed,
    ),
    per_label_accuracy: meanOf(
      each((row) => 1 - (either[row]! - both[row]!) / width),
      seed,
    ),
  };
}

function macroF1(predicted: Labels, teacher: Labels, seed: number): Measured {
  const { count, width } = teacher;
  const random = Random.of(seed, 'text/macro');
  const all = macroOf(predicted, teacher, [...Array(count).keys()]);
  if (count < 2) return { value: all, interval: null };
  const drawn = Float64Array.from({ length: BOOTSTRAP.resamples }, () =>
    macroOf(
      predicted,
      { count, width, given: teacher.given },
      Array.from({ length: count }, () => random.int(count)),
    ),
  ).sort();
  const tail = (1 - BOOTSTRAP.level) / 2;
  return { value: all, interval: { lower: quantile(drawn, tail), upper: quantile(drawn, 1 - tail) } };
}

function macroOf(predicted: Labels, { width, given }: Labels, rows: readonly number[]): number {
  const both = new Int32Array(width);
  const sizes = new Int32Array(width);
  const positives = new Int32Array(width);
  for (const row of rows) {
    for (let label = 0; label < width; label++) {
      const at = row * width + label;
      if (given[at]) positives[label]!++;
      sizes[label]! += (given[at] ? 1 : 0) + (predicted.given[at] ? 1 : 0);
      if (given[at] && predicted.given[at]) both[label]!++;
    }
  }
  const scores = [...both.keys()]
    .filter((label) => positives[label]! > 0)
    .map((label) => (2 * both[label]!) / sizes[label]!);
  return scores.reduce((sum, f1) => sum + f1, 0) / scores.length;
}

/** The threshold of probabilities [texts, labels] that gives the highest micro-averaged F1, to hundredths. */
export function bestThreshold(
  probabilities: ArrayLike<number>,
  teacher: ArrayLike<number>,
): { at: number; f1: number } {
  const both = new Int32Array(102);
  const said = new Int32Array(102);
  let given = 0;
  for (let i = 0; i < teacher.length; i++) {
    const step = Math.floor(probabilities[i]! * 100) + 1;
    said[step]!++;
    if (!teacher[i]) continue;
    given++;
    both[step]!++;
  }
  let best = { at: 0.5, f1: -1 };
  let right = 0;
  let all = 0;
  for (let step = 100; step > 1; step--) {
    right += both[step]! + (step === 100 ? both[101]! : 0);
    all += said[step]! + (step === 100 ? said[101]! : 0);
    const f1 = (2 * right) / (all + given);
    if (f1 > best.f1) best = { at: (step - 1) / 100, f1 };
  }
  return best;
}
