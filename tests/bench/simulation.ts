/** The agent simulation with its built-in agents: time of a usual run, and what grows with the number of travellers. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from './measure.ts';
import type { SimulationRun } from './simulation-process.ts';

const USUAL = 600;
const MANY = 6000;
/** Travellers x slots of the promise. */
const PROMISED_SLOTS = 600 * 12;

/** In a process of its own, so that its memory is its own. */
async function measure(travellers: number, variant: string): Promise<SimulationRun> {
  const out = await mkdtemp(join(tmpdir(), 'bench-simulation-'));
  try {
    const script = fileURLToPath(new URL('./simulation-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, String(travellers), variant, out], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of child.stdout) text += chunk;
    return JSON.parse(text) as SimulationRun;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

export async function benchSimulation(): Promise<Row[]> {
  const standIn = await measure(USUAL, 'llm_standin');
  const few = await measure(USUAL, 'offline');
  const many = await measure(MANY, 'offline');
  const perSlot = ({ seconds, slots }: SimulationRun) => (1000 * seconds) / slots;
  const promised = (perSlot(few) * PROMISED_SLOTS) / 1000;
  const growth = perSlot(many) / perSlot(few);
  const memory = many.megabytes / few.megabytes;
  return [
    {
      what: `600 travellers x 12 slots, the production path (${few.slots} slots in ${few.seconds.toFixed(1)} s)`,
      target: '< 5 s',
      measured: `${promised.toFixed(1)} s`,
      reached: promised < 5,
    },
    {
      what: '600 travellers x 12 slots, the stand-in of a language model',
      target: '< 5 s',
      measured: `${((perSlot(standIn) * PROMISED_SLOTS) / 1000).toFixed(1)} s`,
      reached: (perSlot(standIn) * PROMISED_SLOTS) / 1000 < 5,
    },
    {
      what: 'Time a decision, 6,000 travellers against 600',
      target: '<= x 1.2',
      measured: `x ${growth.toFixed(2)} (${perSlot(few).toFixed(2)} ms, ${perSlot(many).toFixed(2)} ms)`,
      reached: growth <= 1.2,
    },
    {
      what: 'Memory at most, 6,000 travellers against 600',
      target: '<= x 1.5',
      measured: `x ${memory.toFixed(2)} (${few.megabytes.toFixed(0)} MB, ${many.megabytes.toFixed(0)} MB)`,
      reached: memory <= 1.5,
    },
  ];
}
