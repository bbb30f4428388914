/** Thresholds of the arbiter by archetype, as far as they may load here. */
import { arrayContained, desc, getTableColumns, sql } from 'drizzle-orm';
import { type Calibration, calibrationSchema } from '../../core/arbitration/calibration.ts';
import { type Environment, loadableSources, loadedWeight } from '../../core/registry/lineage.ts';
import type { Queries } from './client.ts';
import { arbitrationCalibrations } from './schema/index.ts';
import { SEASONED_USERS } from './seasoned-users.ts';

export interface LoadedCalibration {
  calibration: Calibration;
  /** Of all that it rests on. */
  lineage: readonly string[];
  createdAt: Date;
}

/**
 * The latest one that may load; null where there is none, where this version cannot read it, or where real travellers have
 * superseded those that it was measured on.
 */
export async function latestCalibration(queries: Queries, environment: Environment): Promise<LoadedCalibration | null> {
  const { lineage, createdAt, id } = arbitrationCalibrations;
  const loadable = loadableSources(environment);
  const [row] = await queries
    .select({ ...getTableColumns(arbitrationCalibrations), seasoned: SEASONED_USERS })
    .from(arbitrationCalibrations)
    // Of what says nothing of where it comes from, nothing is known: an empty lineage is contained in any.
    .where(loadable ? sql`${arrayContained(lineage, [...loadable])} and ${lineage} <> '{}'` : undefined)
    .orderBy(desc(createdAt), desc(id))
    .limit(1);
  const read = calibrationSchema.safeParse(row?.calibration);
  const superseded = row?.lineage.some((source) => loadedWeight(source, environment, row.seasoned) === 0);
  return row && read.success && !superseded
    ? { calibration: read.data, lineage: row.lineage, createdAt: row.createdAt }
    : null;
}
