/** Versions change what they may do: one transaction each, and its record (invariant 4). */
import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { StoredExperiment } from '../../core/experiment/experiment.ts';
import type { ModelStatus } from '../../core/registry/status.ts';
import { isAllowed, refusedTransition, statusAfter, type TransitionVerb } from '../../core/registry/transitions.ts';
import { type Database, type Transaction, uniqueViolation } from './client.ts';
import { endExperiments, insertExperiment, placeTaken } from './experiments.ts';
import type { ModelVersion } from './model-registry.ts';
import { modelRegistry, modelTransitions } from './schema/index.ts';

export type ModelTransition = typeof modelTransitions.$inferSelect;

export type RefusalCode =
  | 'model_version_not_found'
  | 'wrong_status'
  | 'promotion_overtaken'
  | 'experiment_running'
  | 'nothing_to_roll_back_to'
  | 'no_production_version';

/** What was asked for cannot be; nothing was changed. */
export class StatusRefused extends Error {
  override readonly name = 'StatusRefused';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface StatusChange {
  name: string;
  version: string;
  verb: TransitionVerb;
  /** The production version for which the gate was asked; undefined where it was not. */
  beside?: string | null;
  /** An operator's subject, or the job that does it. */
  actor: string;
  reason: string | null;
  /** What the gate said. */
  gate?: Record<string, unknown> | null;
  /** Of a version that goes to canary: the experiment that gives it its travellers. */
  canary?: { id: string; experiment: StoredExperiment };
  /** When it was asked for. */
  now: Date;
  /** Asked under the lock, for when it came about; `now` where it is left out. */
  clock?: () => Date;
  newId: () => string;
}

/**
 * One transaction, under a lock on all rows of the name: of changes at the same time the second sees what the first has done.
 * @throws StatusRefused where there is no such version, its status does not allow it, or production is no longer what the
 *   gate was asked for; everything is then as before
 */
export async function changeStatus(database: Database, asked: StatusChange): Promise<ModelVersion> {
  return orOvertaken(() =>
    database.transaction(async (tx) => {
      const rows = await lockedRows(tx, asked.name);
      const change = { ...asked, now: asked.clock?.() ?? asked.now };
      const own = rows.find(({ version }) => version === change.version);
      if (!own) throw notFound(change.name, change.version);
      const from = own.status as ModelStatus;
      if (!isAllowed(change.verb, from)) throw new StatusRefused('wrong_status', refusedTransition(change.verb, from));
      const production = rows.find(({ status }) => status === 'production') ?? null;
      if (change.beside !== undefined) {
        // Also where it came in after this was asked for, though before the gate was: one of those at the same time wins.
        const later = production?.promotedAt && production.promotedAt > asked.now;
        if (later || (production?.version ?? null) !== change.beside) throw overtaken(change.name);
      }
      if (change.verb === 'promote') return promoted(tx, own, production, change);
      if (from === 'canary' || change.verb === 'retire')
        await endExperiments(tx, { model: modelOf(own) }, ended(change), change.now);
      if (change.canary) {
        if (await placeTaken(tx, change.name)) {
          throw new StatusRefused(
            'experiment_running',
            `an experiment runs in the place of ${change.name}: stop it first`,
          );
        }
        await insertExperiment(tx, { ...change.canary, now: change.now });
      }
      const to = statusAfter(change.verb);
      await record(tx, own, to, { ...change, gate: change.gate ?? null });
      return setStatus(tx, own, {
        status: to,
        shadowSince: to === 'shadow' ? (from === 'canary' ? own.shadowSince : change.now) : own.shadowSince,
        canarySince: to === 'canary' ? change.now : null,
      });
    }),
  );
}

async function promoted(tx: Transaction, own: ModelVersion, production: ModelVersion | null, change: StatusChange) {
  await endExperiments(tx, { place: own.modelName, model: modelOf(own) }, ended(change), change.now);
  if (production) await displace(tx, production, change);
  await record(tx, own, 'production', { ...change, gate: { ...change.gate, replaced: production?.version ?? null } });
  return setStatus(tx, own, { status: 'production', promotedAt: change.now, canarySince: null });
}

/** Before the next one comes: the index allows one. Nobody sees the moment between, which is inside the transaction. */
async function displace(
  tx: Transaction,
  production: ModelVersion,
  change: Pick<StatusChange, 'actor' | 'reason' | 'now' | 'newId'>,
) {
  await record(tx, production, 'retired', { ...change, gate: null });
  await setStatus(tx, production, { status: 'retired' });
}

/**
 * Production goes back to what it replaced when it was promoted, at once. What a rollback brought back was promoted earlier,
 * and goes back to what it replaced then.
 * @param check of the version that is to serve again: what it throws is thrown, and everything is as before
 * @throws StatusRefused where nothing is in production, or it replaced nothing that there still is
 */
export async function rollback(
  database: Database,
  { name, ...change }: Pick<StatusChange, 'name' | 'actor' | 'reason' | 'now' | 'newId'>,
  check: (previous: ModelVersion) => Promise<void>,
): Promise<ModelVersion> {
  return orOvertaken(() =>
    database.transaction(async (tx) => {
      const rows = await lockedRows(tx, name);
      if (rows.length === 0) throw new StatusRefused('model_version_not_found', `there is no model "${name}"`);
      const production = rows.find(({ status }) => status === 'production');
      if (!production) throw new StatusRefused('no_production_version', `nothing of ${name} is in production`);
      const replaced = await replacedBy(tx, production);
      const previous = rows.find(({ version }) => version === replaced);
      if (!previous) {
        const message = `${modelOf(production)} replaced no version that could serve again`;
        throw new StatusRefused('nothing_to_roll_back_to', message);
      }
      await check(previous);
      // A retired version may have come to run in shadow, or in canary, meanwhile.
      await endExperiments(tx, { place: name, model: modelOf(previous) }, ended(change), change.now);
      await displace(tx, production, change);
      await record(tx, previous, 'production', { ...change, gate: { rolled_back: production.version } });
      return setStatus(tx, previous, { status: 'production', promotedAt: change.now, canarySince: null });
    }),
  );
}

/** The version that this one took the place of when it was last promoted; rollbacks are no promotions. */
async function replacedBy(tx: Transaction, { modelName, version }: ModelVersion): Promise<string | null> {
  const [promotion] = await tx
    .select({ gate: modelTransitions.gate })
    .from(modelTransitions)
    .where(
      and(
        eq(modelTransitions.modelName, modelName),
        eq(modelTransitions.version, version),
        eq(modelTransitions.toStatus, 'production'),
        sql`${modelTransitions.gate} ? 'replaced'`,
      ),
    )
    .orderBy(desc(modelTransitions.occurredAt), desc(modelTransitions.id))
    .limit(1);
  return (promotion?.gate?.replaced as string | null | undefined) ?? null;
}

/** Newest first. */
export function transitionsOf(database: Database, name: string, version: string): Promise<ModelTransition[]> {
  return database
    .select()
    .from(modelTransitions)
    .where(and(eq(modelTransitions.modelName, name), eq(modelTransitions.version, version)))
    .orderBy(desc(modelTransitions.occurredAt), desc(modelTransitions.id))
    .limit(50);
}

/** In one order for all, so that two changes never wait for each other. */
export function lockedRows(tx: Transaction, name: string): Promise<ModelVersion[]> {
  return tx
    .select()
    .from(modelRegistry)
    .where(eq(modelRegistry.modelName, name))
    .orderBy(asc(modelRegistry.id))
    .for('update');
}

async function setStatus(tx: Transaction, { id }: ModelVersion, to: Partial<ModelVersion>): Promise<ModelVersion> {
  const [row] = await tx.update(modelRegistry).set(to).where(eq(modelRegistry.id, id)).returning();
  return row!;
}

async function record(
  tx: Transaction,
  { modelName, version, status }: ModelVersion,
  toStatus: ModelStatus,
  {
    actor,
    reason,
    gate,
    now,
    newId,
  }: Pick<StatusChange, 'actor' | 'reason' | 'now' | 'newId'> & {
    gate: Record<string, unknown> | null;
  },
): Promise<void> {
  const row = { id: newId(), modelName, version, fromStatus: status, toStatus, actor, reason, gate, occurredAt: now };
  await tx.insert(modelTransitions).values(row);
}

const modelOf = ({ modelName, version }: ModelVersion) => `${modelName}@${version}`;
const ended = ({ actor, reason }: Pick<StatusChange, 'actor' | 'reason'>) => {
  return { by: actor, reason: reason ?? 'a version of it changed its status' };
};
const notFound = (name: string, version: string) => {
  return new StatusRefused('model_version_not_found', `there is no ${name}@${version}`);
};
const overtaken = (name: string) => {
  return new StatusRefused('promotion_overtaken', `another version of ${name} came into production meanwhile`);
};

/** Where rows could not be locked because there were none yet, the index decides. */
async function orOvertaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (uniqueViolation(error)?.constraint !== 'model_registry_one_production') throw error;
    throw new StatusRefused('promotion_overtaken', 'another version came into production at the same moment');
  }
}
