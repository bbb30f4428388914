/** Platt scaling: a line through the logits, so that a probability means what it says (Platt 1999). */

export interface PlattLine {
  slope: number;
  offset: number;
}

const STEPS = 100;
const ENOUGH = 1e-9;
const LEAST_SHARE = 1e-6;

/**
 * The line with the least log loss, by Newton's method with halved steps, a little towards the identity so that it is
 * always found.
 * @param logits [n]
 * @param labels [n], 1 taken, 0 refused
 */
export function plattLine(logits: ArrayLike<number>, labels: ArrayLike<number>): PlattLine {
  let line: PlattLine = { slope: 1, offset: 0 };
  let loss = penalisedLoss(line, logits, labels);
  for (let step = 0; step < STEPS; step++) {
    const [slope, offset] = newtonStep(line, logits, labels);
    let next = line;
    let share = 1;
    for (; share > LEAST_SHARE; share /= 2) {
      next = { slope: line.slope - share * slope, offset: line.offset - share * offset };
      if (penalisedLoss(next, logits, labels) <= loss) break;
    }
    const better = penalisedLoss(next, logits, labels);
    if (share <= LEAST_SHARE || loss - better < ENOUGH) return line;
    line = next;
    loss = better;
  }
  return line;
}

/** Sum of the log losses, and of (slope - 1)^2 / 2 + offset^2 / 2. */
function penalisedLoss({ slope, offset }: PlattLine, logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = ((slope - 1) ** 2 + offset ** 2) / 2;
  for (let i = 0; i < logits.length; i++) {
    const x = slope * logits[i]! + offset;
    sum += Math.max(x, 0) - x * labels[i]! + Math.log1p(Math.exp(-Math.abs(x)));
  }
  return sum;
}

/** The inverse Hessian times the gradient. */
function newtonStep(
  { slope, offset }: PlattLine,
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
): [number, number] {
  let [gs, go, ss, so, oo] = [slope - 1, offset, 1, 0, 1];
  for (let i = 0; i < logits.length; i++) {
    const x = logits[i]!;
    const p = 1 / (1 + Math.exp(-(slope * x + offset)));
    const w = p * (1 - p);
    gs += (p - labels[i]!) * x;
    go += p - labels[i]!;
    ss += w * x * x;
    so += w * x;
    oo += w;
  }
  const determinant = ss * oo - so * so;
  return [(oo * gs - so * go) / determinant, (ss * go - so * gs) / determinant];
}
