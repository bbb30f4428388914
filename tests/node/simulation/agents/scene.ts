/** A small simulation over the project's own catalogues, and a folder of its own for each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { catalogueCities } from '../../../../simulation/agents/catalogue-cities.ts';
import { AGENT_MODEL } from '../../../../simulation/agents/choice-agent.ts';
import {
  readArchetypes,
  SIMULATION_VERSION,
  type SimulationSettings,
  travelledCities,
} from '../../../../simulation/agents/settings.ts';
import { BUILT_IN, type Cast, type Simulation } from '../../../../simulation/agents/simulate.ts';

const cities = travelledCities(await catalogueCities());

export function simulation(settings: Partial<SimulationSettings> = {}, cast: Partial<Cast> = {}): Simulation {
  return {
    settings: {
      version: SIMULATION_VERSION,
      seed: 7,
      travellers: 24,
      variants: ['offline', 'llm_standin', 'random'],
      archetypes: readArchetypes([]),
      latentShares: [0.3],
      catalogues: Object.fromEntries(cities.map(({ slug, catalogueVersion }) => [slug, catalogueVersion])),
      agent: AGENT_MODEL.version,
      secondAgent: null,
      rankers: {},
      ...settings,
    },
    cities,
    cast: { ...BUILT_IN, ...cast },
  };
}

export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'simulation-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export const run = (settings: SimulationSettings) => ({
  settings,
  config: {},
  code_revision: 'test',
  created_at: '2026-01-01T00:00:00.000Z',
});
