/**
 * The model of one traveller: the cross-user model, bent by what they alone decided. A logistic regression on a few traits of the
 * venue with the cross-user log-odds as offset and a Gaussian prior on its coefficients (ridge; le Cessie and van Houwelingen
 * 1992, Applied Statistics 41): without evidence it is the cross-user model.
 */
import { DIMENSION_NAMES } from '../../core/persona/dimensions.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { seenVenue } from './decision-features.ts';

/** Fewer decisions than this and the cross-user model serves alone (seed 4). */
export const OWN_MODEL_FROM = 20;

/** Of the prior, by what the coefficient is of: a standard deviation of 0.5, and of 1 for the level. */
const PRECISION = { level: 1, trait: 4 } as const;

export const TRAITS: readonly string[] = ['level', ...DIMENSION_NAMES, 'price', 'tourist', 'energy', 'meal'];

/** [TRAITS.length], each about in [-1, 1]. */
export function traitsOf(venue: Venue): Float64Array {
  return Float64Array.from([
    1,
    ...seenVenue(venue).profile,
    (venue.priceLevel - 1.5) / 1.5,
    2 * (venue.touristScore ?? 0.5) - 1,
    2 * venue.energy - 1,
    venue.meals.length > 0 ? 0.5 : -0.5,
  ]);
}

export interface OwnDecision {
  venue: Venue;
  accepted: boolean;
  /** The cross-user model's, before this traveller's own part. */
  logOdds: number;
}

/** Coefficients in the order of `TRAITS`; null under `OWN_MODEL_FROM` decisions. */
export function perUserModel(own: readonly OwnDecision[]): Float64Array | null {
  if (own.length < OWN_MODEL_FROM) return null;
  const width = TRAITS.length;
  const traits = own.map(({ venue }) => traitsOf(venue));
  const precision = Float64Array.from(TRAITS, (name) => (name === 'level' ? PRECISION.level : PRECISION.trait));
  const beta = new Float64Array(width);
  for (let step = 0; step < 50; step++) {
    const gradient = beta.map((b, j) => -precision[j]! * b);
    const curvature = Array.from({ length: width }, (_, j) => {
      const row = new Float64Array(width);
      row[j] = precision[j]!;
      return row;
    });
    for (const [i, { accepted, logOdds }] of own.entries()) {
      const x = traits[i]!;
      const p = 1 / (1 + Math.exp(-(logOdds + product(beta, x))));
      const w = p * (1 - p);
      for (let j = 0; j < width; j++) {
        gradient[j]! += ((accepted ? 1 : 0) - p) * x[j]!;
        for (let k = 0; k < width; k++) curvature[j]![k]! += w * x[j]! * x[k]!;
      }
    }
    const move = solved(curvature, gradient);
    let most = 0;
    for (let j = 0; j < width; j++) {
      beta[j]! += move[j]!;
      most = Math.max(most, Math.abs(move[j]!));
    }
    if (most < 1e-9) break;
  }
  return beta;
}

/** Log-odds of the traveller's own model; without coefficients those of the cross-user model. */
export function ownLogOdds(logOdds: number, coefficients: ArrayLike<number> | null, venue: Venue): number {
  return coefficients ? logOdds + product(coefficients, traitsOf(venue)) : logOdds;
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Of a symmetric positive definite system, by Cholesky; overwrites the matrix. */
function solved(matrix: Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) for (let i = j; i < n; i++) matrix[i]![j]! -= matrix[i]![k]! * matrix[j]![k]!;
    const root = Math.sqrt(matrix[j]![j]!);
    for (let i = j; i < n; i++) matrix[i]![j]! /= root;
  }
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= matrix[i]![k]! * x[k]!;
    x[i]! /= matrix[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= matrix[k]![i]! * x[k]!;
    x[i]! /= matrix[i]![i]!;
  }
  return x;
}
