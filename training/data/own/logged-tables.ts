/** The tables of our own data set that are no interactions: pivots with their options, choices between rankers. */
import { openManifest, tableRows } from './parquet-table.ts';

export interface PivotRow {
  pivot_id: string;
  trip_id: string;
  slot_id: string | null;
  /** Null where the product suggested it. */
  actor_key: string | null;
  trigger: string;
  mood: string | null;
  source: string;
  /** JSON: the options that were offered, best first. */
  options: string;
  /** accept, dismiss or ignore; null while it is open. */
  response: string | null;
  option_id: string | null;
  latency_ms: number;
  created_at: Date;
  expires_at: Date;
  responded_at: Date | null;
}

export interface ArbitrationRow {
  arbitration_id: string;
  actor_key: string | null;
  trip_id: string | null;
  slot_id: string | null;
  /** JSON: venue ids, best first. */
  ml_top3: string;
  llm_top3: string;
  arbitration_rule: string;
  served_activity: string | null;
  /** Null while nobody has decided. */
  accepted: boolean | null;
  agreement_score: number | null;
  /** JSON */
  context_snapshot: string;
  occurred_at: Date;
}

async function all<Row>(folder: string, table: 'pivots' | 'arbitration'): Promise<Row[]> {
  const { manifest } = await openManifest(folder);
  const rows: Row[] = [];
  for await (const page of tableRows<Row>(folder, manifest, table)) for (const row of page.rows) rows.push(row);
  return rows;
}

/** @throws DataError as `readOwnDataset`. */
export const readPivots = (folder: string): Promise<PivotRow[]> => all(folder, 'pivots');
export const readArbitration = (folder: string): Promise<ArbitrationRow[]> => all(folder, 'arbitration');
