/** Nightly, after `persona-update`: how many real travellers there are, and where they differ from the simulated ones. */
import { ARCHETYPES } from '../core/persona/archetypes.ts';
import { compareArchetype, type TravellerShares } from '../core/signal/archetype-comparison.ts';
import { CORRECTION_LEVEL, divergences, LEAST_TRAVELLERS } from '../core/signal/correction.ts';
import { PHASE_OUT, phaseOf } from '../core/signal/phase-out.ts';
import {
  type Behaviour,
  reviewBehaviour,
  SYNTHETIC_SOURCES,
  type SyntheticSource,
} from '../platform/database/correction-signal.ts';
import { countRealUsers } from '../platform/database/real-users.ts';
import { findReview, type SourceComparisons, storeReview } from '../platform/database/synthetic-review.ts';
import type { JobContext } from './job-context.ts';

const NOBODY: TravellerShares = { travellers: 0, sum: 0, squares: 0 };

function comparisonsOf(shares: Behaviour['shares']): SourceComparisons {
  const of = (archetype: string, source: string) =>
    shares.find((one) => one.archetype === archetype && one.source === source) ?? NOBODY;
  const against = (source: SyntheticSource) =>
    ARCHETYPES.map(({ id: archetype }) => {
      const sides = { archetype, real: of(archetype, 'user_behavioral'), synthetic: of(archetype, source) };
      return compareArchetype(sides, CORRECTION_LEVEL);
    });
  return Object.fromEntries(SYNTHETIC_SOURCES.map((source) => [source, against(source)])) as SourceComparisons;
}

/** A run is one review: a stretch that comes twice finds it there. */
export async function syntheticReview(
  _after: string | null,
  { database, now, log }: Pick<JobContext, 'database' | 'now' | 'log'>,
  runId: string,
): Promise<{ next: null; counts: Record<string, number> }> {
  if (await findReview(database, runId)) return { next: null, counts: {} };
  const reviewedAt = new Date(now);
  const counts = await countRealUsers(database);
  const { shares, venues } = await reviewBehaviour(database, {
    reviewId: runId,
    minimum: LEAST_TRAVELLERS,
    now: reviewedAt,
  });
  const found = SYNTHETIC_SOURCES.flatMap((source) =>
    divergences(
      venues.filter((one) => one.source === source),
      { minimum: LEAST_TRAVELLERS, level: CORRECTION_LEVEL },
    ),
  );
  const compared = counts.realUsers >= PHASE_OUT.compareFrom;
  const comparison = compared ? { level: CORRECTION_LEVEL, sources: comparisonsOf(shares) } : null;
  const review = { id: runId, ...counts, phase: phaseOf(counts), comparison, reviewedAt };
  const alerts = await storeReview(database, review, found);
  if (alerts === null) return { next: null, counts: {} };
  if (alerts.length > 0) log('synthetic_review_alerts', { phase: review.phase, subjects: alerts });
  return {
    next: null,
    counts: {
      real_users: counts.realUsers,
      seasoned_users: counts.seasonedUsers,
      divergences: found.length,
      alerts: alerts.length,
    },
  };
}
