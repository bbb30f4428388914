/** Part (d): whether the probability with which simulated travellers take a place means anything of real ones. */
import { type Interval, quantile } from '../../core/experiment/bootstrap.ts';
import { Random } from '../../core/experiment/random.ts';
import { type Calibration, calibration } from '../../training/evaluation/calibration.ts';
import { type AnsweredPanel, DRAWS } from './panels.ts';

export interface AcceptanceCalibration {
  places: number;
  tourists: number;
  /** Against having been visited, at one real place to one other: half were, by design. */
  reliability: Calibration;
  /**
   * b of `logit P(visited) = a + b logit p`, fitted by maximum likelihood (Cox 1958, Biometrika 45): 1 means what it says, below
   * 1 is too sure, 0 says nothing. The level, a, follows from the design and is not judged. Null where p never differs.
   */
  slope: number | null;
  interval: Interval | null;
}

const RESAMPLES = 400;

/** @param panels at least one @param by whether the agent is told the places' fame */
export function acceptanceCalibration(
  panels: readonly AnsweredPanel[],
  by: 'told' | 'untold',
  seed: number,
): AcceptanceCalibration {
  const cases = panels.flatMap(({ tourist, real, distractors }) => [
    { tourist, p: real[by].probability, visited: 1 },
    { tourist, p: distractors.uniform[0]![by].probability, visited: 0 },
  ]);
  const byTourist = [...Map.groupBy(cases, ({ tourist }) => tourist).values()];
  const points = (of: typeof cases) => tallied(of);
  const random = Random.of(seed, 'certificate/acceptance');
  const drawn = Float64Array.from({ length: byTourist.length < 2 ? 0 : RESAMPLES }, () => {
    return slopeOf(points(byTourist.flatMap(() => random.pick(byTourist)))) ?? Number.NaN;
  });
  const sorted = drawn.filter((slope) => !Number.isNaN(slope)).sort();
  return {
    places: cases.length,
    tourists: byTourist.length,
    reliability: calibration(
      cases.map(({ p }) => p),
      cases.map(({ visited }) => visited),
    ),
    slope: slopeOf(points(cases)),
    interval: sorted.length > 0 ? { lower: quantile(sorted, 0.025), upper: quantile(sorted, 0.975) } : null,
  };
}

interface Point {
  x: number;
  n: number;
  visited: number;
}

/** By probability: there are `DRAWS` + 1 of them. A share of draws is kept off 0 and 1 by half a draw. */
function tallied(cases: readonly { p: number; visited: number }[]): Point[] {
  const points = new Map<number, Point>();
  for (const { p, visited } of cases) {
    const kept = (p * DRAWS + 0.5) / (DRAWS + 1);
    const point = points.get(p) ?? { x: Math.log(kept / (1 - kept)), n: 0, visited: 0 };
    point.n++;
    point.visited += visited;
    points.set(p, point);
  }
  return [...points.values()];
}

/** Newton's method. */
function slopeOf(points: readonly Point[]): number | null {
  if (points.length < 2) return null;
  let [a, b] = [0, 0];
  for (let step = 0; step < 25; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 0, 0, 0];
    for (const { x, n, visited } of points) {
      const p = 1 / (1 + Math.exp(-(a + b * x)));
      const w = n * p * (1 - p);
      ga += visited - n * p;
      gb += (visited - n * p) * x;
      haa += w;
      hab += w * x;
      hbb += w * x * x;
    }
    const determinant = haa * hbb - hab * hab;
    if (!(determinant > 1e-12)) return null;
    const [da, db] = [(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant];
    a += da;
    b += db;
    if (Math.abs(da) + Math.abs(db) < 1e-9) return b;
  }
  return null;
}
