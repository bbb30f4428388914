/** The nightly reviews of how far real travellers have replaced the simulated ones. */
import { desc, eq, sql } from 'drizzle-orm';
import type { ArchetypeComparison } from '../../core/signal/archetype-comparison.ts';
import type { Phase, RealUserCounts } from '../../core/signal/phase-out.ts';
import { raiseAlert } from './alerts.ts';
import type { Database, Queries } from './client.ts';
import { replaceDivergences, type StoredDivergence, type SyntheticSource } from './correction-signal.ts';
import { syntheticReviews } from './schema/index.ts';

/** Acceptance by archetype, against each lineage of simulated travellers. */
export type SourceComparisons = Record<SyntheticSource, ArchetypeComparison[]>;

export interface SyntheticReview extends RealUserCounts {
  /** Of the job's run. */
  id: string;
  phase: Phase;
  /** Null where there were too few real users. */
  comparison: { level: number; sources: SourceComparisons } | null;
  reviewedAt: Date;
}

const reviewOf = (row: typeof syntheticReviews.$inferSelect | undefined) =>
  (row as SyntheticReview | undefined) ?? null;

/** Null before the first. */
export async function latestReview(database: Queries): Promise<SyntheticReview | null> {
  const { reviewedAt, id } = syntheticReviews;
  const [row] = await database.select().from(syntheticReviews).orderBy(desc(reviewedAt), desc(id)).limit(1);
  return reviewOf(row);
}

export async function findReview(database: Queries, id: string): Promise<SyntheticReview | null> {
  const [row] = await database.select().from(syntheticReviews).where(eq(syntheticReviews.id, id));
  return reviewOf(row);
}

const flagged = (review: Pick<SyntheticReview, 'comparison'> | null): Map<string, ArchetypeComparison> => {
  const all = Object.entries(review?.comparison?.sources ?? {});
  return new Map(
    all.flatMap(([source, comparisons]) =>
      comparisons.filter((one) => one.flagged).map((one) => [`${source}/${one.archetype}`, one] as const),
    ),
  );
};

/**
 * Review, divergences and alerts in one transaction: what is new since the review before it is an alert, what stays as it
 * was is none. Answers the alerts' subjects; null where the review is there already.
 */
export async function storeReview(
  database: Database,
  review: SyntheticReview,
  divergences: readonly StoredDivergence[],
): Promise<string[] | null> {
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('synthetic-review'))`);
    if (await findReview(tx, review.id)) return null;
    const before = await latestReview(tx);
    await tx.insert(syntheticReviews).values({ ...review, comparison: review.comparison && { ...review.comparison } });
    await replaceDivergences(tx, review.id, divergences);
    const alerts: { kind: string; subject: string; detail: Record<string, unknown> }[] = [];
    const { realUsers, seasonedUsers, phase } = review;
    const from = before?.phase ?? 'synthetic';
    if (phase !== from) {
      const detail = { from, to: phase, real_users: realUsers, seasoned_users: seasonedUsers };
      alerts.push({ kind: 'synthetic_phase_changed', subject: phase, detail });
    }
    const known = flagged(before);
    for (const [subject, { real, synthetic, difference, interval, certain }] of flagged(review)) {
      if (known.has(subject)) continue;
      alerts.push({
        kind: 'archetype_diverges',
        subject,
        detail: { real: { ...real }, synthetic: { ...synthetic }, difference, interval: { ...interval }, certain },
      });
    }
    for (const alert of alerts) await raiseAlert(tx, { ...alert, occasion: review.id }, review.reviewedAt);
    return alerts.map(({ subject }) => subject);
  });
}
