/** A calibrated arm into Postgres. */
import { v5 as uuidv5 } from 'uuid';
import { openDatabase } from '../../platform/database/client.ts';
import {
  catalogueGaps,
  type SimulatedSignal,
  type SimulationToStore,
  storeSimulation,
} from '../../platform/database/simulation-store.ts';
import { type ArmRow, armTrips } from '../../simulation/agents/calibration/arm-rows.ts';
import type { Calibrated } from '../../simulation/agents/calibration/calibrate.ts';
import type { RunDescription, RunFolder } from '../../simulation/agents/run-folder.ts';
import { BadSettings } from '../../simulation/agents/settings.ts';

/** Rows of one statement: about 2 kB each. */
const BATCH = 1000;

/**
 * Rows written, table by table; null where the run was there already.
 * @throws BadSettings naming what the database lacks, or where the rows have changed since; nothing is stored then
 */
export async function storeRun(
  url: string,
  folder: RunFolder,
  run: RunDescription,
  calibrated: Calibrated,
  now: Date,
): Promise<Record<string, number> | null> {
  const database = openDatabase(url);
  const gaps = await catalogueGaps(database, run.settings.catalogues, calibrated.venueIds);
  if (gaps.length > 0) {
    throw new BadSettings(
      `the database does not hold the catalogues of the run: ${gaps.join('; ')}. Nothing is stored; \`npm start\` brings the project's own in.`,
    );
  }
  return storeSimulation(database, toStore(folder, run, calibrated), now);
}

function toStore(folder: RunFolder, run: RunDescription, calibrated: Calibrated): SimulationToStore {
  const { settings, config, code_revision, created_at, finished_at } = run;
  const { runId, arm, lineage, calibration, priors, affinities } = calibrated;
  const { travellers, slots, rows, agent_fallbacks, ranker_fallbacks } = arm;
  return {
    id: runId,
    config: { settings, arm: arm.name, asked: config, sha256: arm.sha256 },
    metrics: { travellers, slots, rows, agent_fallbacks, ranker_fallbacks },
    seed: settings.seed,
    codeRevision: code_revision,
    lineage,
    startedAt: created_at,
    finishedAt: finished_at ?? created_at,
    archetypes: settings.archetypes,
    signals: batches(armTrips(folder, arm), runId),
    affinities: affinities.map(({ archetype, venueId, affinity, offered, accepted }) => ({
      archetype_id: archetype,
      activity_node_id: venueId,
      affinity,
      observations: offered,
      accepted,
    })),
    priors: Object.entries(priors).flatMap(([archetype, { travellers: n, dimensions }]) =>
      Object.entries(dimensions).map(([dimension, { value, deviation }]) => ({
        archetype_id: archetype,
        dimension,
        value,
        deviation,
        travellers: n,
      })),
    ),
    calibration: Object.keys(calibration.archetypes).length > 0 ? calibration : null,
  };
}

async function* batches(trips: AsyncIterable<ArmRow[]>, runId: string): AsyncGenerator<SimulatedSignal[]> {
  let batch: SimulatedSignal[] = [];
  for await (const trip of trips) {
    batch.push(...trip.map((row) => signalOf(row, runId)));
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

function signalOf(row: ArmRow, runId: string): SimulatedSignal {
  const { id, venue_id, persona_snapshot, context, actor_key, signal_type, trip_id, weight } = row;
  const { source, model_version, occurred_at } = row;
  return {
    // Runs of one seed share the ids of their rows, whatever else differs.
    id: uuidv5(id, runId),
    actor_key,
    signal_type,
    activity_node_id: venue_id,
    trip_id,
    context: { ...context, persona_snapshot, run_id: runId },
    weight,
    source,
    model_version,
    occurred_at,
  };
}
