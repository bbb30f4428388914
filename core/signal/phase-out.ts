/** How simulated travellers give way to real ones (seed 0, "Integration with Real Data"): compared with them once there are some, left out once there are enough. */

export interface PhaseOutThresholds {
  /** So many real users, and both sides are compared. */
  compareFrom: number;
  /** So many real users with `trips` or more, and synthetic rows train nobody any more. */
  supersedeFrom: number;
  trips: number;
  /** Archetypes whose acceptance differs by more, in [0, 1], are flagged. */
  divergence: number;
}

export const PHASE_OUT: Readonly<PhaseOutThresholds> = {
  compareFrom: 200,
  supersedeFrom: 500,
  trips: 3,
  divergence: 0.15,
};

export interface RealUserCounts {
  /** People with an account who decided on something in the app. */
  realUsers: number;
  /** Of them, those who decided on something on three trips or more. */
  seasonedUsers: number;
}

export const PHASES = ['synthetic', 'compared', 'superseded'] as const;
export type Phase = (typeof PHASES)[number];

export function phaseOf(
  { realUsers, seasonedUsers }: RealUserCounts,
  { compareFrom, supersedeFrom }: Pick<PhaseOutThresholds, 'compareFrom' | 'supersedeFrom'> = PHASE_OUT,
): Phase {
  if (seasonedUsers >= supersedeFrom) return 'superseded';
  return realUsers >= compareFrom ? 'compared' : 'synthetic';
}
