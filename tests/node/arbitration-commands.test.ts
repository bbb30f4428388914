/** `overplanned replay` and `overplanned crossover`, on a database of their own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ARBITRATION } from '../../core/arbitration/config.ts';
import { decide } from '../../core/arbitration/decide.ts';
import { decidedColumns } from '../../core/arbitration/snapshot.ts';
import { arbitrationInserts } from '../../platform/database/arbitration.ts';
import { arbitrationEvents } from '../../platform/database/schema/index.ts';
import { situation, trialsOf } from './core/fixtures/arbitration.ts';
import { database, databaseUrl } from './own-database.ts';

const cli = fileURLToPath(new URL('../../cli/overplanned.ts', import.meta.url));

function overplanned(...args: string[]) {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  return new Promise<{ code: number; output: string; errors: string }>((resolve) => {
    execFile(process.execPath, [cli, ...args], { env }, (error, output, errors) =>
      resolve({ code: error ? Number(error.code) : 0, output, errors }),
    );
  });
}

/** With ids that are UUIDs, as the table wants them. */
async function decided(): Promise<string> {
  const list = () => Array.from({ length: 10 }, () => uuidv7());
  const input = situation({ ml: { top: list() }, llm: { top: list() }, context: { sequenceMomentum: 0.9 } });
  const inputs = { input, config: DEFAULT_ARBITRATION, draw: 0.3, coin: 0.6, learned: null };
  const id = uuidv7();
  const decision = decide(input, DEFAULT_ARBITRATION, inputs.draw, inputs.coin);
  const row = {
    ...decidedColumns(inputs, decision),
    ...{ id, actorKey: uuidv7(), tripId: uuidv7(), slotId: uuidv7(), servedActivity: uuidv7(), occurredAt: new Date() },
  };
  await Promise.all(arbitrationInserts(database, [row]));
  return id;
}

describe('overplanned replay', () => {
  it('makes a logged decision again, and says that it is the same', async () => {
    const { code, output } = await overplanned('replay', await decided());
    expect(code).toBe(0);
    expect(output).toContain('rule sequence_momentum: ml; served ml, propensity 1\n');
    expect(output.trim().split('\n').at(-1)).toBe('identical');
  });

  it('says what differs where the log was changed, and fails', async () => {
    const id = await decided();
    await database
      .update(arbitrationEvents)
      .set({ contextSnapshot: sql`jsonb_set(context_snapshot, '{served}', '"llm"')` })
      .where(eq(arbitrationEvents.id, id));
    const { code, output } = await overplanned('replay', id);
    expect(code).toBe(1);
    expect(output).toContain('different: contextSnapshot.served: logged "llm", now "ml"\n');
    const { identical, differences } = JSON.parse((await overplanned('replay', id, '--json')).output);
    expect({ identical, differences }).toEqual({
      identical: false,
      differences: [{ path: 'contextSnapshot.served', logged: '"llm"', again: '"ml"' }],
    });
  });

  it('fails in a line where there is no such event, no id, or nothing to replay', async () => {
    const bare = uuidv7();
    await database.insert(arbitrationEvents).values({
      ...{ id: bare, mlTop3: [], llmTop3: [], arbitrationRule: 'default', contextSnapshot: {} },
    });
    for (const [event, why] of [
      [uuidv7(), 'There is no arbitration event'],
      ['last', 'no id of an event'],
      [bare, 'It cannot be made again'],
    ] as const) {
      const { code, errors } = await overplanned('replay', event);
      expect([code, errors.trim().split('\n').length]).toEqual([1, 1]);
      expect(errors).toContain(why);
    }
  });
});

describe('overplanned crossover', () => {
  const insertTrials = async (exploration: number) => {
    await database.delete(arbitrationEvents);
    const lead = (signals: number) => (signals < 120 ? -0.2 : 0.2);
    const trials = trialsOf({ seed: 1, trials: 8000, travellers: 300, exploration, lead });
    const keys = new Map<string, string>();
    const rows = trials.map(({ actor, facts, served, propensity, accepted }, i) => {
      if (!keys.has(actor!)) keys.set(actor!, uuidv7());
      return {
        id: uuidv7(),
        actorKey: keys.get(actor!)!,
        ...{ mlTop3: [], llmTop3: [], arbitrationRule: 'default', accepted },
        contextSnapshot: { v: 1, ...facts, served, propensity: exploration === 0 ? 1 : propensity },
        occurredAt: new Date(Date.UTC(2026, 0, 1) + i * 60_000),
      };
    });
    for (let from = 0; from < rows.length; from += 1000) {
      await database.insert(arbitrationEvents).values(rows.slice(from, from + 1000));
    }
  };

  it('finds the planted one in randomised decisions', async () => {
    await insertTrials(1);
    const { code, output } = await overplanned('crossover');
    expect(code).toBe(0);
    expect(output).toMatch(/^ML overtakes the language model at \d+ signals \(95%: \d+ to \d+\)\.\n/);
    const { kind, interval, decisions, travellers, curve } = JSON.parse(
      (await overplanned('crossover', '--json')).output,
    );
    expect({ kind, decisions, travellers }).toEqual({ kind: 'crossover', decisions: 8000, travellers: 300 });
    expect(interval.lower).toBeLessThan(120);
    expect(interval.upper).toBeGreaterThan(120);
    expect(interval.upper / interval.lower).toBeLessThan(1.6);
    expect(curve).toHaveLength(41);
  });

  it('has no number where nothing was randomised', async () => {
    await insertTrials(0);
    const { code, output } = await overplanned('crossover');
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^no_support \(deterministic_log\)/),
    });
  });

  it('says which folder it cannot read', async () => {
    const { code, errors } = await overplanned('crossover', '--data', '/nowhere');
    expect(code).toBe(1);
    expect(errors).toContain('/nowhere');
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});
