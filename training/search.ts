/** Random search over a model's hyper-parameters (Bergstra and Bengio 2012). It is given no test case, so it can see none. */
import { Random } from '../core/experiment/random.ts';
import type { ModelDefinition, TrainContext, TrainingData } from './model.ts';

export interface Trial<Config> {
  config: Config;
  /** Of the best epoch, on the validation cases. */
  validation: number;
}

/**
 * Trains `budget` configs, the given one first, and answers the one that does best in validation.
 * @throws RangeError where there are no validation cases to choose by
 */
export async function searched<Config>(
  definition: ModelDefinition<Config>,
  data: TrainingData,
  base: Config,
  budget: number,
  context: TrainContext,
  onTrial: (trial: Trial<Config>, number: number) => void = () => {},
): Promise<Trial<Config>> {
  if (data.validation.length === 0) throw new RangeError('no validation cases: there is nothing to choose a config by');
  const random = Random.of(context.seed, 'search');
  const tried = new Set<string>();
  let best: Trial<Config> | null = null;
  for (let number = 1; number <= budget; number++) {
    const config = number === 1 ? base : drawn(definition, base, tried, random);
    tried.add(JSON.stringify(config));
    const checkpoints = context.checkpoints && {
      folder: context.checkpoints.folder,
      fingerprint: `${context.checkpoints.fingerprint} ${JSON.stringify(config)}`,
    };
    const { history } = await definition.train(data, config, { ...context, checkpoints });
    const validation = Math.max(...history.map((epoch) => epoch.validation ?? Number.NEGATIVE_INFINITY));
    onTrial({ config, validation }, number);
    if (!best || validation > best.validation) best = { config, validation };
  }
  if (!best) throw new RangeError('a search of no trials');
  return best;
}

/** Another config of the search space; one that was tried before if a hundred draws find no new one. */
function drawn<Config>(
  { config: schema, search }: ModelDefinition<Config>,
  base: Config,
  tried: ReadonlySet<string>,
  random: Random,
): Config {
  let config = base;
  for (let draw = 0; draw < 100; draw++) {
    const values = Object.entries(search).map(([name, choices]) => [name, random.pick(choices)]);
    const parsed = schema.safeParse({ ...base, ...Object.fromEntries(values) });
    if (!parsed.success) continue;
    config = parsed.data;
    if (!tried.has(JSON.stringify(config))) break;
  }
  return config;
}
