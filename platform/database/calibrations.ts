/** Thresholds of the arbiter by archetype, as far as they may load here. */
import { arrayContained, desc, sql } from 'drizzle-orm';
import { type Calibration, calibrationSchema } from '../../core/arbitration/calibration.ts';
import { type Environment, loadableSources } from '../../core/registry/lineage.ts';
import type { Queries } from './client.ts';
import { arbitrationCalibrations } from './schema/index.ts';

export interface LoadedCalibration {
  calibration: Calibration;
  /** Of all that it rests on. */
  lineage: readonly string[];
  createdAt: Date;
}

/** The latest one that may load; null where there is none, or where it is none that this version can read. */
export async function latestCalibration(queries: Queries, environment: Environment): Promise<LoadedCalibration | null> {
  const { lineage, createdAt, id } = arbitrationCalibrations;
  const loadable = loadableSources(environment);
  const [row] = await queries
    .select()
    .from(arbitrationCalibrations)
    // Of what says nothing of where it comes from, nothing is known: an empty lineage is contained in any.
    .where(loadable ? sql`${arrayContained(lineage, [...loadable])} and ${lineage} <> '{}'` : undefined)
    .orderBy(desc(createdAt), desc(id))
    .limit(1);
  const read = calibrationSchema.safeParse(row?.calibration);
  return row && read.success ? { calibration: read.data, lineage: row.lineage, createdAt: row.createdAt } : null;
}
