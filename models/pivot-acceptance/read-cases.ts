/** The pivots of our own data set. */

import { DataError } from '../../training/data/data-error.ts';
import type { PersonaSnapshot } from '../../training/data/dataset.ts';
import { readPivots } from '../../training/data/own/logged-tables.ts';
import { openManifest, tableRows } from '../../training/data/own/parquet-table.ts';
import { decisionsOf, type SignalRow } from '../../training/data/own/signal-interactions.ts';
import { type VenueVersionRow, VenueVersions } from '../../training/data/own/venue-versions.ts';
import { type PivotCase, type PivotSurroundings, pivotCase } from './cases.ts';
import { VenueRates } from './venue-rates.ts';

interface RankingRow {
  ranking_event_id: string;
  persona: string | null;
  context: string | null;
}

type AskedRow = SignalRow & { weather: string | null; slot_id: string | null };

export interface PivotData {
  /** Oldest first. */
  cases: PivotCase[];
  /** At the end of the data. */
  rates: VenueRates;
}

/**
 * @throws DataError where a file is missing or damaged, a pivot contradicts itself, or, outside development, any of them is
 *   synthetic (invariant 9)
 */
export async function readPivotCases(folder: string, { environment }: { environment: string }): Promise<PivotData> {
  const takesAll = environment === 'development';
  const { manifest } = await openManifest(folder);
  const venues = new VenueVersions();
  for await (const { rows } of tableRows<VenueVersionRow>(folder, manifest, 'venues')) {
    for (const row of rows) venues.add(row);
  }
  const asked = new Map<string, AskedRow>();
  const wanted = new Set<string>();
  const decisions: { venueId: string; accepted: boolean; time: number }[] = [];
  for await (const { rows } of tableRows<AskedRow>(folder, manifest, 'signals')) {
    for (const row of rows) {
      if (takesAll || (row.source === 'user_behavioral' && !row.synthetic)) {
        const time = row.occurred_at.getTime();
        for (const { venueId, accepted } of decisionsOf(row)) decisions.push({ venueId, accepted, time });
      }
      if (row.signal_type !== 'pivot_requested') continue;
      // The product gives the signal the pivot's id; otherwise it is the one of that slot and instant.
      asked.set(row.signal_id, row).set(`${row.slot_id} ${row.occurred_at.getTime()}`, row);
      if (row.ranking_event_id !== null) wanted.add(row.ranking_event_id);
    }
  }
  const rankings = new Map<string, RankingRow>();
  for await (const { rows } of tableRows<RankingRow>(folder, manifest, 'candidate_sets')) {
    for (const { ranking_event_id, persona, context } of rows) {
      if (wanted.has(ranking_event_id)) rankings.set(ranking_event_id, { ranking_event_id, persona, context });
    }
  }

  const cases: PivotCase[] = [];
  const rates = new VenueRates();
  decisions.sort((a, b) => a.time - b.time);
  let seen = 0;
  const seeUntil = (time: number) => {
    for (; seen < decisions.length && decisions[seen]!.time < time; seen++)
      rates.see(decisions[seen]!.venueId, decisions[seen]!.accepted);
  };
  const pivots = await readPivots(folder);
  pivots.sort((a, b) => a.created_at.getTime() - b.created_at.getTime() || (a.pivot_id < b.pivot_id ? -1 : 1));
  for (const row of pivots) {
    seeUntil(row.created_at.getTime());
    const signal = asked.get(row.pivot_id) ?? asked.get(`${row.slot_id} ${row.created_at.getTime()}`);
    const ranking = signal?.ranking_event_id ? rankings.get(signal.ranking_event_id) : undefined;
    const known: PivotSurroundings | null = signal
      ? {
          dayPart: signal.day_part,
          tripDay: signal.day_of_trip,
          partySize: signal.group_size,
          weather: signal.weather,
          context: ranking?.context ? (JSON.parse(ranking.context) as Record<string, unknown>) : {},
          persona: ranking?.persona ? (JSON.parse(ranking.persona) as PersonaSnapshot) : null,
        }
      : null;
    try {
      const one = pivotCase(
        row,
        known,
        (id, time) => venues.at(id, time)?.venue ?? null,
        (id) => rates.of(id),
      );
      if (one) cases.push(one);
    } catch (error) {
      throw new DataError('row', { file: folder, field: 'pivots' }, (error as Error).message, { cause: error });
    }
  }
  const synthetic = cases.filter((one) => one.synthetic).length;
  if (synthetic > 0 && !takesAll) {
    throw new DataError(
      'row',
      { file: folder, field: 'source' },
      `outside development nothing synthetic is trained on; refused: ${synthetic} of ${cases.length} pivots`,
    );
  }
  seeUntil(Number.POSITIVE_INFINITY);
  return { cases, rates };
}
