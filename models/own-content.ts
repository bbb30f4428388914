/** The venues of our own data as the models see them. */
import { VENUE_FEATURES, venueFeatures } from '../core/venue/venue-features.ts';
import type { Dataset } from '../training/data/dataset.ts';

export type OwnData = NonNullable<Dataset['own']>;

/** @throws RangeError for plain files: they say nothing of travellers and venues */
export function ownDataOf(dataset: Dataset, model: string): OwnData {
  if (!dataset.own)
    throw new RangeError(`${model} learns from our own logs (overplanned extract); plain files have no venues`);
  return dataset.own;
}

/** Features [items, VENUE_FEATURES]; a venue of which no record is left has zeros. */
export function contentOf({ venues }: OwnData): Float32Array {
  const content = new Float32Array(venues.length * VENUE_FEATURES);
  for (const [item, venue] of venues.entries()) if (venue) content.set(venueFeatures(venue), item * VENUE_FEATURES);
  return content;
}
