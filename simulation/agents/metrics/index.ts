/** Every metric that is a sum over trips, in the order of reports. */
import { acceptanceRate, takenRate } from './acceptance.ts';
import { agreementRate, onlyRankerRight, onlyReferenceRight, rightWhenAgreed } from './agreement.ts';
import { day3Adaptation, day3Response, energyArcCoherence, energyCurveFit } from './energy.ts';
import { hitRateAt5 } from './hit-rate.ts';
import { localGemRate, novelVenueExposure } from './local-venues.ts';
import type { Metric } from './metric.ts';
import { groupPivotRate, pivotRate, warmSoloPivotRate } from './pivot-rate.ts';
import { touristTrapEscape, touristTrapRate } from './tourist-traps.ts';

export const TRIP_METRICS: readonly Metric[] = [
  acceptanceRate,
  takenRate,
  hitRateAt5,
  pivotRate,
  groupPivotRate,
  warmSoloPivotRate,
  touristTrapEscape,
  touristTrapRate,
  localGemRate,
  novelVenueExposure,
  energyArcCoherence,
  energyCurveFit,
  day3Adaptation,
  day3Response,
  agreementRate,
  rightWhenAgreed,
  onlyRankerRight,
  onlyReferenceRight,
];
