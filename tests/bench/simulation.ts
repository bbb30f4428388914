/** The agent simulation with its built-in agents: time of a usual run, what grows with the number of travellers, and two threads. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { armsOnThreads } from '../../cli/simulation/arms.ts';
import { catalogueCities } from '../../simulation/agents/catalogue-cities.ts';
import { AGENT_MODEL } from '../../simulation/agents/choice-agent.ts';
import { RunFolder } from '../../simulation/agents/run-folder.ts';
import { readArchetypes, readVariants, SIMULATION_VERSION, travelledCities } from '../../simulation/agents/settings.ts';
import { armsOf } from '../../simulation/agents/simulate.ts';
import type { Row } from './measure.ts';
import type { SimulationRun } from './simulation-process.ts';

const USUAL = 600;
const MANY = 60_000;
/** Travellers x slots of the promise. */
const PROMISED_SLOTS = 600 * 12;

async function inFolder<T>(measured: (out: string) => Promise<T>): Promise<T> {
  const out = await mkdtemp(join(tmpdir(), 'bench-simulation-'));
  try {
    return await measured(out);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** In a process of its own, so that its memory is its own. */
function measure(travellers: number, variant: string): Promise<SimulationRun> {
  return inFolder(async (out) => {
    process.stderr.write(`${travellers} travellers, ${variant}\n`);
    const script = fileURLToPath(new URL('./simulation-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, String(travellers), variant, out], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of child.stdout) text += chunk;
    return JSON.parse(text) as SimulationRun;
  });
}

/** Seconds of the same arms, of which none needs a trained ranker, on so many threads; with their start. */
function armsOn(workers: number): Promise<number> {
  return inFolder(async (path) => {
    process.stderr.write(`six arms, threads: ${workers}\n`);
    const cities = travelledCities(await catalogueCities());
    const settings = {
      version: SIMULATION_VERSION,
      seed: 1,
      travellers: USUAL,
      variants: readVariants(['offline', 'llm_standin']),
      archetypes: readArchetypes([]),
      latentShares: [0.1, 0.3, 0.5],
      catalogues: {},
      agent: AGENT_MODEL.version,
      secondAgent: null,
      rankers: {},
    } as const;
    await RunFolder.begin(path, { settings, config: {}, code_revision: '', created_at: '' });
    const cast = {
      agent: 'choice_model',
      personaModel: 'haiku',
      secondModel: 'sonnet',
      rankerModel: 'sonnet',
      endpointPrice: [0, 0] as [number, number],
      maxUsd: 0,
      pollSeconds: 0,
      models: '',
      hybrid: 'dlrm',
      seed: 1,
      out: path,
    } as const;
    const started = performance.now();
    await armsOnThreads({ simulation: { settings, cities }, cast, path }, armsOf(settings), workers, () => {});
    return (performance.now() - started) / 1000;
  });
}

const perSlot = ({ seconds, slots }: SimulationRun) => (1000 * seconds) / slots;

function withinPromise(what: string, run: SimulationRun): Row {
  const seconds = (perSlot(run) * PROMISED_SLOTS) / 1000;
  return {
    what: `600 travellers x 12 slots, ${what} (${run.slots} slots in ${run.seconds.toFixed(1)} s)`,
    target: '< 5 s',
    measured: `${seconds.toFixed(1)} s`,
    reached: seconds < 5,
  };
}

export async function benchSimulation(): Promise<Row[]> {
  const standIn = await measure(USUAL, 'llm_standin');
  const few = await measure(USUAL, 'offline');
  const [one, two] = [await armsOn(1), await armsOn(2)];
  const many = await measure(MANY, 'offline');
  const growth = perSlot(many) / perSlot(few);
  const memory = many.megabytes / few.megabytes;
  return [
    withinPromise('the production path', few),
    withinPromise('the stand-in of a language model', standIn),
    {
      what: `Time a decision, 60,000 travellers (${many.slots} slots in ${many.seconds.toFixed(0)} s) against 600`,
      target: '<= x 1.2',
      measured: `x ${growth.toFixed(2)} (${perSlot(few).toFixed(2)} ms, ${perSlot(many).toFixed(2)} ms)`,
      reached: growth <= 1.2,
    },
    {
      what: 'Memory at most, 60,000 travellers against 600',
      target: '<= x 1.5',
      measured: `x ${memory.toFixed(2)} (${few.megabytes.toFixed(0)} MB, ${many.megabytes.toFixed(0)} MB)`,
      reached: memory <= 1.5,
    },
    {
      what: 'Six arms of 600 travellers on two threads against one',
      target: '<= x 0.7',
      measured: `x ${(two / one).toFixed(2)} (${one.toFixed(1)} s, ${two.toFixed(1)} s)`,
      reached: two / one <= 0.7,
    },
  ];
}
