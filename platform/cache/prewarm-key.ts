/** The mark that a pre-warm leaves in KV when it is done, so that travellers alike do not ask for it again. */
import type { JobOf } from '../queue/jobs.ts';

/** Shorter than the rankings are kept: what expires is filled again. */
export const PREWARM_KEPT_SECONDS = 24 * 3600;

/** `prewarmed/<city>/<catalogue>/<ranker>/<archetypes>/<party>/<budget>` */
export function prewarmKey(job: JobOf<'prewarm'>): string {
  return [
    'prewarmed',
    job.city,
    job.catalogueVersion,
    job.rankerVersion,
    job.archetypeIds.join('-'),
    job.partyKind,
    job.budgetBand,
  ]
    .map((part) => encodeURIComponent(part))
    .join('/');
}
