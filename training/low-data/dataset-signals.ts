/** Signals of an extracted data set (`overplanned extract`), in the shape of the lines that `read-signals.ts` reads. */
import { join } from 'node:path';
import type { CandidateSetRow } from '../data/own/candidate-sets.ts';
import { openManifest, tableRows } from '../data/own/parquet-table.ts';
import { decisionsOf, type SignalRow } from '../data/own/signal-interactions.ts';
import { type VenueVersionRow, VenueVersions } from '../data/own/venue-versions.ts';
import type { KnownVenue, SignalFile } from './signal-file.ts';

/** What a ranking says of the moment in which its signals came. */
interface Moment {
  actor: string;
  dimensions: unknown;
  interests: unknown;
  partyKind: unknown;
  budgetBand: unknown;
  /** Venue ids. */
  shown: string[];
}

type RankingRow = CandidateSetRow & { context: string | null };

/**
 * Decisions and views of slots; what says nothing of a day and its part is left out, and of several alike all but the one that
 * counts. @throws DataError where the folder is no data set, or a file is not as its manifest says
 */
export async function datasetSignals(folder: string): Promise<SignalFile> {
  const { manifest, sha256 } = await openManifest(folder);
  const versions = new VenueVersions();
  for await (const { rows } of tableRows<VenueVersionRow>(folder, manifest, 'venues')) {
    for (const row of rows) versions.add(row);
  }
  const venues = new Map<string, KnownVenue>();
  for (const id of versions.ids()) {
    const { city, venue } = versions.at(id, Number.MAX_SAFE_INTEGER)!;
    venues.set(id, { city, venue });
  }
  const moments = new Map<string, Moment>();
  for await (const { rows } of tableRows<RankingRow>(folder, manifest, 'candidate_sets')) {
    for (const row of rows) moments.set(row.ranking_event_id, momentOf(row));
  }
  async function* signals() {
    for await (const { file, rows } of tableRows<SignalRow>(folder, manifest, 'signals')) {
      for (const [i, row] of rows.entries()) {
        const ofSlot = row.source !== 'system' && row.day_part !== null && row.day_of_trip !== null;
        if (!ofSlot || (row.signal_type !== 'slot_view' && decisionsOf(row).length === 0)) continue;
        const moment = row.ranking_event_id === null ? undefined : moments.get(row.ranking_event_id);
        const value = lineOf(row, moment?.actor === row.actor_key ? moment : undefined);
        yield { value, place: { file: join(folder, file.path), line: i + 1 } };
      }
    }
  }
  return { signals: signals(), venues, sha256: () => sha256 };
}

function momentOf({ actor_key, persona, context, venue_ids, shown }: RankingRow): Moment {
  const { dimensions, interests } = JSON.parse(persona ?? '{}') as Record<string, unknown>;
  const { party_kind, budget_band } = JSON.parse(context ?? '{}') as Record<string, unknown>;
  const ids = JSON.parse(venue_ids) as string[];
  const places = JSON.parse(shown) as number[];
  return {
    actor: actor_key,
    dimensions,
    interests,
    partyKind: party_kind,
    budgetBand: budget_band,
    shown: places.map((i) => ids[i]!),
  };
}

function lineOf(row: SignalRow, moment: Moment | undefined) {
  const { signal_id: id, actor_key, signal_type, venue_id, trip_id, source, synthetic } = row;
  return {
    ...{ id, actor_key, signal_type, venue_id, trip_id, source, synthetic },
    occurred_at: row.occurred_at.toISOString(),
    persona_snapshot: moment?.dimensions,
    context: {
      ...(JSON.parse(row.context) as Record<string, unknown>),
      party_kind: moment?.partyKind,
      budget_band: moment?.budgetBand,
      interests: moment?.interests,
      candidates: moment?.shown,
    },
  };
}
