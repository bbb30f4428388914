/** Thresholds that a run of the simulation measured, as the arbiter loads them. */
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_ARBITRATION } from '../../../core/arbitration/config.ts';
import { replay } from '../../../core/arbitration/replay.ts';
import type { DecidedColumns } from '../../../core/arbitration/snapshot.ts';
import { arbitrationConfig } from '../../../platform/database/arbitration.ts';
import { latestCalibration } from '../../../platform/database/calibrations.ts';
import type { Queries } from '../../../platform/database/client.ts';
import { arbitrationCalibrations, syntheticReviews } from '../../../platform/database/schema/index.ts';
import { call, database } from '../api/client.ts';
import { decisionsOn, experienced, plan } from '../arbitration/warm.ts';
import { adminToken } from '../signals/scene.ts';
import { DEVELOPMENT, run, takeBack, unseen } from './scene.ts';

const SIMULATED = run();
/** Nearest to A7, as nobody is whom other tests plan for. */
const FAMILY = { company: ['children'], adventure: 'safe', food: ['familiar'] };
const BUILT_IN = ['synthetic_choice_model_v1', 'llm_standin'];
afterAll(() => takeBack([SIMULATED]));

async function calibrate(
  archetypeId: string,
  agreement: number,
  { lineage = BUILT_IN, runId = SIMULATED.runId, later = 0 } = {},
  queries: Queries = database,
): Promise<void> {
  const measured = { same_top: 0.3, slots: 100, travellers: 40, interval: { lower: agreement, upper: agreement } };
  await queries.insert(arbitrationCalibrations).values({
    ...{ id: uuidv7(), runId, lineage, createdAt: new Date(Date.now() + 3600_000 + later) },
    calibration: {
      ...{ version: runId.slice(0, 8), lineage, run_id: runId, ranker: 'dlrm@0123456789ab' },
      archetypes: { [archetypeId]: { agreement, ...measured } },
    },
  });
}

describe('a warm traveller', () => {
  it('is decided for by the thresholds of their archetype, and the log says which, and decides again so', async () => {
    const { guest } = await experienced({ trips: 1, signals: 21, tags: FAMILY });
    // Whatever the two lists are, they agree.
    await calibrate('A7', -1);
    const version = `${DEFAULT_ARBITRATION.version}+cal.${SIMULATED.runId.slice(0, 8)}`;
    const { trip } = await plan(guest, { days: 1 });
    const decisions = await decisionsOn(trip.id);
    expect(decisions.length).toBeGreaterThan(0);
    for (const row of decisions) {
      expect(row.arbitrationRule).toBe('agreement');
      expect(row.contextSnapshot).toMatchObject({
        nearest_archetype: 'A7',
        inputs: { config: { version, archetypes: { A7: { agreement: -1 } } } },
      });
      expect(replay(row as unknown as DecidedColumns).differences).toEqual([]);
    }
    const { body } = await call('GET', '/admin/arbitration', { token: await adminToken(), env: DEVELOPMENT });
    expect(body.thresholds).toMatchObject({
      version,
      values: { agreement: 0.75, group_conflict: 0.4 },
      by_archetype: { A7: { agreement: -1 } },
      calibration: { run_id: SIMULATED.runId, lineage: BUILT_IN, ranker: 'dlrm@0123456789ab' },
    });
  });

  it('is decided for by the plain rules outside development', async () => {
    const config = await arbitrationConfig(database, DEFAULT_ARBITRATION, 'production');
    expect(config.version).not.toContain(SIMULATED.runId.slice(0, 8));
    const { body } = await call('GET', '/admin/arbitration', { token: await adminToken() });
    expect(body.thresholds.calibration?.run_id).not.toBe(SIMULATED.runId);
  });
});

describe('the calibration that loads', () => {
  it('gives way to the rules as they are once 500 real travellers have made three trips', async () => {
    const { runId, lineage } = { runId: uuidv7(), lineage: ['synthetic_agent_v1'] };
    const found = await unseen(async (queries) => {
      await calibrate('A1', 0.5, { runId, lineage, later: 1000 }, queries);
      const loaded: (string | undefined)[] = [];
      for (const seasonedUsers of [499, 500]) {
        await queries.insert(syntheticReviews).values({
          ...{ id: uuidv7(), realUsers: 900, seasonedUsers, phase: 'compared' },
          reviewedAt: new Date(Date.now() + 3600_000 + seasonedUsers),
        });
        loaded.push((await latestCalibration(queries, 'production'))?.calibration.run_id);
      }
      return loaded;
    });
    expect(found).toEqual([runId, undefined]);
  });

  it('is the latest whose whole lineage may, and none that cannot be read', async () => {
    const played = { runId: uuidv7(), lineage: ['synthetic_agent_v1'], later: 1000 };
    const half = { runId: uuidv7(), lineage: ['synthetic_agent_v1', 'llm_standin'], later: 2000 };
    const found = await unseen(async (queries) => {
      const runs: (string | undefined)[][] = [];
      const look = async () => {
        const [production, development] = [
          await latestCalibration(queries, 'production'),
          await latestCalibration(queries, 'development'),
        ];
        runs.push([production?.calibration.run_id, development?.calibration.run_id]);
      };
      await calibrate('A1', 0.5, played, queries);
      await look();
      await calibrate('A1', 0.5, half, queries);
      await look();
      await queries.insert(arbitrationCalibrations).values({
        ...{ id: uuidv7(), runId: uuidv7(), lineage: [], calibration: { archetypes: 'of another version' } },
        createdAt: new Date(Date.now() + 7200_000),
      });
      await look();
      return runs;
    });
    expect(found).toEqual([
      [played.runId, played.runId],
      [played.runId, half.runId],
      [played.runId, undefined],
    ]);
  });
});
