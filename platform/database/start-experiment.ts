/** An experiment begins: its variants are looked at under the lock of the place that they take. */
import { and, inArray, sql } from 'drizzle-orm';
import { placeOf, type StoredExperiment } from '../../core/experiment/experiment.ts';
import { type Environment, forbiddenSources } from '../../core/registry/lineage.ts';
import { type Database, uniqueViolation } from './client.ts';
import { insertExperiment, placeTaken } from './experiments.ts';
import { lockedRows } from './model-status.ts';
import { modelRegistry } from './schema/index.ts';

const SERVABLE = ['shadow', 'production'];

/** Nothing was started. */
export class ExperimentRefused extends Error {
  override readonly name = 'ExperimentRefused';
  readonly code:
    | 'experiment_exists'
    | 'experiment_running'
    | 'unknown_version'
    | 'wrong_status'
    | 'forbidden_lineage'
    | 'control_not_production';
  /** Of the request. */
  readonly field: string;
  constructor(code: ExperimentRefused['code'], field: string, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/**
 * The control has to be in production and the others in shadow or in production (of another name): that is what the Worker has
 * at hand. None may have learned from what its environment forbids (invariant 9).
 * @throws ExperimentRefused
 */
export async function startExperiment(
  database: Database,
  { id, name, experiment }: { id: string; name: string; experiment: StoredExperiment },
  { environment, now }: { environment: Environment; now: Date },
): Promise<void> {
  const models = experiment.variants.map(({ model }) => model);
  const work = database.transaction(async (tx) => {
    await lockedRows(tx, experiment.place);
    const rows = await tx
      .select()
      .from(modelRegistry)
      .where(
        and(
          inArray(modelRegistry.modelName, models.map(placeOf)),
          inArray(sql`${modelRegistry.modelName} || '@' || ${modelRegistry.version}`, models),
        ),
      );
    for (const [i, model] of models.entries()) {
      const field = `variants.${i}.model`;
      const row = rows.find(({ modelName, version }) => `${modelName}@${version}` === model);
      if (!row) throw new ExperimentRefused('unknown_version', field, `there is no ${model}`);
      const forbidden = forbiddenSources(row.lineage, environment);
      if (forbidden.length > 0) {
        throw new ExperimentRefused('forbidden_lineage', field, `${model} learned from ${forbidden.join(', ')}`);
      }
      if (i === 0 && row.status !== 'production') {
        throw new ExperimentRefused('control_not_production', field, `the control ${model} is ${row.status}`);
      }
      if (!SERVABLE.includes(row.status)) {
        throw new ExperimentRefused('wrong_status', field, `${model} is ${row.status}: put it into shadow first`);
      }
    }
    if (await placeTaken(tx, experiment.place)) {
      throw new ExperimentRefused(
        'experiment_running',
        'variants.0.model',
        `an experiment or a canary runs in the place of ${experiment.place}`,
      );
    }
    await insertExperiment(tx, { id, name, experiment, now });
  });
  await work.catch((error: unknown) => {
    if (uniqueViolation(error)?.table !== 'experiments') throw error;
    throw new ExperimentRefused('experiment_exists', 'name', `there is an experiment "${name}"`);
  });
}
