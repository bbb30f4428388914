/** Decisions between the two rankings in Postgres: written with what they served, and the rules that were switched. */
import { eq, sql } from 'drizzle-orm';
import { type ArbitrationConfig, withCalibration, withSwitches } from '../../core/arbitration/config.ts';
import { SWITCHED_RULES, type SwitchedRule } from '../../core/arbitration/decision.ts';
import type { DecidedColumns } from '../../core/arbitration/snapshot.ts';
import type { Environment } from '../../core/registry/lineage.ts';
import { latestCalibration } from './calibrations.ts';
import type { Database, Queries, Transaction } from './client.ts';
import { arbitrationEvents, arbitrationRules } from './schema/index.ts';

/** A decision as it was served. */
export interface NewArbitrationEvent extends DecidedColumns {
  id: string;
  actorKey: string;
  tripId: string;
  slotId: string | null;
  /** The venue that the slot got. */
  servedActivity: string | null;
  occurredAt: Date;
}

/** Multi-row inserts are cut into statements of at most this many rows: a snapshot has about 2 kB. */
const PAGE = 100;

/** To be run as part of the transaction that stores the slots. What is there already stays as it is. */
export function arbitrationInserts(queries: Database | Transaction, events: readonly NewArbitrationEvent[]) {
  return Array.from({ length: Math.ceil(events.length / PAGE) }, (_, page) =>
    queries
      .insert(arbitrationEvents)
      .values(events.slice(page * PAGE, (page + 1) * PAGE))
      .onConflictDoNothing(),
  );
}

/** Null where there is no such event. */
export async function findArbitrationEvent(
  database: Queries,
  id: string,
): Promise<typeof arbitrationEvents.$inferSelect | null> {
  const [row] = await database.select().from(arbitrationEvents).where(eq(arbitrationEvents.id, id));
  return row ?? null;
}

export type RuleSwitch = typeof arbitrationRules.$inferSelect;

/** By rule: those that are, or once were, not as the configuration has them. */
export async function ruleSwitches(database: Queries): Promise<Map<SwitchedRule, RuleSwitch>> {
  const rows = await database.select().from(arbitrationRules);
  const known: readonly string[] = SWITCHED_RULES;
  return new Map(rows.filter(({ rule }) => known.includes(rule)).map((row) => [row.rule as SwitchedRule, row]));
}

/** The configuration as it holds now: with the latest calibration that may load here, and what was switched. */
export async function arbitrationConfig(
  database: Queries,
  config: ArbitrationConfig,
  environment: Environment,
): Promise<ArbitrationConfig> {
  const [switches, latest] = await Promise.all([ruleSwitches(database), latestCalibration(database, environment)]);
  const switched = withSwitches(config, new Map([...switches].map(([rule, { enabled }]) => [rule, enabled])));
  return latest ? withCalibration(switched, latest.calibration) : switched;
}

/**
 * Switches a rule. False where it stands like that already, and then nothing changes: since when it does, neither.
 * @param since when it was switched last, as the caller saw it (null: never); switched by somebody else since then, it
 *   stays as it is. Left out: whatever it was.
 */
export async function switchRule(
  queries: Queries,
  change: typeof arbitrationRules.$inferInsert,
  since?: Date | null,
): Promise<boolean> {
  const { enabled, reason = null, evidence = null, changedBy, changedAt } = change;
  const unchanged =
    since === undefined
      ? sql`true`
      : sql`${arbitrationRules.changedAt} is not distinct from ${since?.toISOString() ?? null}::timestamptz`;
  const changed = await queries
    .insert(arbitrationRules)
    .values(change)
    .onConflictDoUpdate({
      target: arbitrationRules.rule,
      set: { enabled, reason, evidence, changedBy, changedAt },
      setWhere: sql`${arbitrationRules.enabled} <> ${enabled} and ${unchanged}`,
    })
    .returning({ rule: arbitrationRules.rule });
  return changed.length === 1;
}
