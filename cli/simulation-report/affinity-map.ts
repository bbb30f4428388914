/** The part of the affinity matrix that can be seen at once: the venues that were offered first most often. */
import type { AffinityRow } from '../../simulation/agents/affinity.ts';
import { heatMap } from './charts.ts';

export const SHOWN_VENUES = 36;
/** Null where nothing was offered. A pair that met once or twice has the archetype's own rate for the most part. */
export function affinityMap(rows: readonly AffinityRow[]): string | null {
  const offers = new Map<string, { name: string; offered: number }>();
  for (const { venue_id, name, city, offered } of rows) {
    const sum = offers.get(venue_id) ?? { name: `${name} (${city})`, offered: 0 };
    offers.set(venue_id, { ...sum, offered: sum.offered + offered });
  }
  const venues = [...offers].sort(([a, x], [b, y]) => y.offered - x.offered || (a < b ? -1 : 1)).slice(0, SHOWN_VENUES);
  const archetypes = [...new Set(rows.map(({ archetype }) => archetype))];
  const column = new Map(venues.map(([id], i) => [id, i]));
  const cells = rows.flatMap(({ archetype, venue_id, affinity }) => {
    const at = column.get(venue_id);
    if (at === undefined) return [];
    return [[at, archetypes.indexOf(archetype), affinity] as const];
  });
  if (cells.length === 0) return null;
  const shorten = (name: string) => (name.length > 30 ? `${name.slice(0, 29)}…` : name);
  return heatMap(
    'Affinity of archetype and venue',
    venues.map(([, { name }]) => shorten(name)),
    archetypes,
    cells,
  );
}
