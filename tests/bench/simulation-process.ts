/** One arm of a simulation in a process of its own: `node simulation-process.ts TRAVELLERS VARIANT OUT`; progress goes to stderr. */
import { catalogueCities } from '../../simulation/agents/catalogue-cities.ts';
import { AGENT_MODEL } from '../../simulation/agents/choice-agent.ts';
import { RunFolder } from '../../simulation/agents/run-folder.ts';
import { readArchetypes, readVariants, SIMULATION_VERSION, travelledCities } from '../../simulation/agents/settings.ts';
import { armsOf, BUILT_IN, runArm } from '../../simulation/agents/simulate.ts';

export interface SimulationRun {
  slots: number;
  seconds: number;
  /** Of the processor, all threads: says more than `seconds` where others use the machine. */
  cpuSeconds: number;
  /** Of the process, at most. */
  megabytes: number;
}

const [travellers, variant, out] = process.argv.slice(2) as [string, string, string];
const cities = travelledCities(await catalogueCities());
const settings = {
  version: SIMULATION_VERSION,
  seed: 1,
  travellers: Number(travellers),
  variants: readVariants([variant]),
  archetypes: readArchetypes([]),
  latentShares: [0.3],
  catalogues: {},
  agent: AGENT_MODEL.version,
  secondAgent: null,
  rankers: {},
} as const;
const { folder } = await RunFolder.begin(out, { settings, config: {}, code_revision: '', created_at: '' });
const started = performance.now();
const before = process.cpuUsage();
const { slots } = await runArm({ settings, cities, cast: BUILT_IN }, armsOf(settings)[0]!, folder, (done) => {
  const seconds = (performance.now() - started) / 1000;
  if (done % 6000 === 0) process.stderr.write(`${done} travellers in ${seconds.toFixed(0)} s\n`);
});
const seconds = (performance.now() - started) / 1000;
const used = process.cpuUsage(before);
const cpuSeconds = (used.user + used.system) / 1e6;
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ slots, seconds, cpuSeconds, megabytes } satisfies SimulationRun));
