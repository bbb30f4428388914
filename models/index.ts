/** Every model that `overplanned train` and `evaluate` know by name. */
import type { ModelRegistry } from '../training/evaluation/recommender.ts';
import type { ModelDefinition } from '../training/model.ts';
import { bpr } from './bpr/model.ts';
import { dlrm } from './dlrm/model.ts';
import { FLOORS } from './floors/index.ts';
import { lightgcn } from './lightgcn/model.ts';
import { sasrec } from './sasrec/model.ts';
import { twoTower } from './two-tower/model.ts';
import { uSasrec } from './u-sasrec/model.ts';

// A definition takes its own config alone; here they stand together, each behind its schema.
const RANKERS = [bpr, dlrm, lightgcn, sasrec, twoTower, uSasrec] as unknown as readonly ModelDefinition[];

export const MODELS: ReadonlyMap<string, ModelDefinition> = new Map(RANKERS.map((model) => [model.name, model]));

/** Floors and models with their default config, as evaluation fits them. */
export function rankers(threads: number): ModelRegistry {
  const trained = RANKERS.map((definition) => {
    const fit: ModelRegistry[string] = async ({ seed, ...data }) =>
      (await definition.train(data, definition.config.parse({}), { seed, threads })).recommender;
    return [definition.name, fit] as const;
  });
  return { ...FLOORS, ...Object.fromEntries(trained) };
}
