/** What an operator should look at: written once, however often it is found. */
import { and, desc, lt, or, sql } from 'drizzle-orm';
import { v5 as uuidv5 } from 'uuid';
import type { Queries } from './client.ts';
import { alerts } from './schema/index.ts';

export type Alert = typeof alerts.$inferSelect;

const NAMESPACE = '5c1f6c1e-6f0a-4a3a-9a0e-1f1f4b1f0c2d';

export interface NewAlert {
  /** A code: `model_refused`, `rule_switched_off`, `canary_rolled_back`, ... */
  kind: string;
  /** A model's version, a rule, an experiment. */
  subject: string;
  /** With kind and subject, what makes it this one and no other: the day, say. */
  occasion: string;
  detail: Record<string, unknown>;
}

/** False where it stands there already. */
export async function raiseAlert(database: Queries, alert: NewAlert, now: Date): Promise<boolean> {
  const { kind, subject, occasion, detail } = alert;
  const added = await database
    .insert(alerts)
    .values({ id: uuidv5(`${kind}/${subject}/${occasion}`, NAMESPACE), kind, subject, detail, createdAt: now })
    .onConflictDoNothing()
    .returning({ id: alerts.id });
  return added.length === 1;
}

/** Newest first. */
export function listAlerts(
  database: Queries,
  { limit, after }: { limit: number; after: { createdAt: string; id: string } | null },
): Promise<Alert[]> {
  return database
    .select()
    .from(alerts)
    .where(
      after
        ? or(
            sql`${alerts.createdAt} < ${after.createdAt}`,
            and(sql`${alerts.createdAt} = ${after.createdAt}`, lt(alerts.id, after.id)),
          )
        : undefined,
    )
    .orderBy(desc(alerts.createdAt), desc(alerts.id))
    .limit(limit);
}
