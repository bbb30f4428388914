/** Nightly: the log of behaviour goes into the data set in R2, a few files a stretch. */
import { Extraction } from '../platform/artifacts/dataset/extract.ts';
import { r2Store } from '../platform/artifacts/r2-store.ts';
import type { JobContext } from './job-context.ts';

/** Where the data set lies in the bucket. */
export const DATASETS = 'datasets/';

/**
 * `after` says up to which position the run goes, and how many stretches it has had; where it stands is in the data set's
 * manifest. A stretch that comes twice, or breaks off, leaves nothing counted twice.
 */
export async function extractTrainingData(
  after: string | null,
  { env, database }: JobContext,
): Promise<{ next: string | null; counts: Record<string, number> }> {
  const extraction = new Extraction(database, r2Store(env.ARTIFACTS, DATASETS));
  const [target, stretches] = after === null ? [await extraction.target(), 0] : after.split('.').map(Number);
  const { done, counts } = await extraction.step(target!);
  return { next: done ? null : `${target}.${stretches! + 1}`, counts: { ...counts } };
}
