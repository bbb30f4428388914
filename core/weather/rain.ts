/** The hours in which one would rather be indoors. */
import { type ForecastHour, HOUR_MS } from './forecast.ts';

/** Replaceable by calibration. */
export const RAIN_THRESHOLDS = {
  /** Millimetres an hour, rain and snow alike. */
  precipitationMm: 0.2,
  /** Where the chance is known; rain that is less likely is not worth a suggestion. */
  chance: 0.5,
} as const;

/** Rain without a dry hour in between; milliseconds since the epoch, `to` excluded. */
export interface Spell {
  from: number;
  to: number;
}

export function isWet({ precipitationMm, precipitationChance }: ForecastHour): boolean {
  if (precipitationMm === null || precipitationMm < RAIN_THRESHOLDS.precipitationMm) return false;
  return precipitationChance === null || precipitationChance >= RAIN_THRESHOLDS.chance;
}

/** `hours` in their order. */
export function rainSpells(hours: readonly ForecastHour[]): Spell[] {
  const spells: Spell[] = [];
  for (const hour of hours) {
    if (!isWet(hour)) continue;
    const last = spells.at(-1);
    if (last?.to === hour.at) last.to += HOUR_MS;
    else spells.push({ from: hour.at, to: hour.at + HOUR_MS });
  }
  return spells;
}
