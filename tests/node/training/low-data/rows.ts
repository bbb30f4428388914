/** A small world of decisions over the project's own catalogues, and lines of signals. */
import { makeWorld, type World } from '../../../../cli/low-data/world.ts';
import { catalogueCities } from '../../../../simulation/agents/catalogue-cities.ts';
import { travelledCities } from '../../../../simulation/agents/settings.ts';
import type { DecisionRow } from '../../../../training/low-data/decision-row.ts';
import { variationLine } from '../../../../training/low-data/variation-line.ts';

export const places = travelledCities(await catalogueCities());

export const TINY = {
  synthetic: 12,
  seen: 12,
  unseen: 3,
  few: [2, 4],
  weeks: 1,
  arrivals: 2,
  questions: 6,
  variations: 2,
};

export const tinyWorld = (seed = 1): World => makeWorld(places, seed, TINY);

export const venuesById = new Map(
  places.flatMap(({ slug, venues }) => venues.map((venue) => [venue.id, { city: slug, venue }] as const)),
);

export const actorsOf = (rows: readonly DecisionRow[]) => [...new Set(rows.map(({ actor }) => actor))];

/** As the app would have logged it; of a real traveller unless it says otherwise. */
export function signalLine(row: DecisionRow, more: Record<string, unknown> = {}): Record<string, unknown> {
  const {
    derived_from: _,
    derived_from_actor: __,
    model_version: ___,
    ...line
  } = variationLine({
    ...row,
    derivedFrom: { row: row.id, actor: row.actor },
  });
  return { ...line, source: row.source, synthetic: row.source !== 'user_behavioral', ...more };
}

export const jsonLines = (rows: readonly Record<string, unknown>[]) =>
  `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
