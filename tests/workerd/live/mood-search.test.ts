/** What a mood is answered from: the trip's taste, with what the one who asks is interested in. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { VibeTag } from '../../../core/venue/vocabulary.ts';
import { moodCandidates } from '../../../platform/ranking/mood-candidates.ts';
import { readSettings } from '../../../platform/settings.ts';
import { openVectorIndex } from '../../../platform/vectors/open-vector-index.ts';
import { database, newGuest } from '../api/client.ts';
import { travelling } from './live-client.ts';

describe('a mood search', () => {
  it('finds for each member of a group what they are interested in', async () => {
    const { stub } = await travelling({ companions: 1 });
    const trip = (await stub.snapshot())!;
    const vectors = openVectorIndex(readSettings(env), database);
    /** How much of the best twenty is of that kind. */
    const share = async (interests: string[], tags: VibeTag[]) => {
      const { id } = await newGuest({ interests });
      const best = (await moodCandidates({ database, vectors }, trip, id, trip.startDate)).slice(0, 20);
      expect(best).toHaveLength(20);
      return best.filter(({ venue }) => tags.some((tag) => venue.vibeTags.includes(tag))).length;
    };
    const outdoors: VibeTag[] = ['hike', 'view', 'waterfront'];
    expect(await share(['hiking', 'nature'], outdoors)).toBeGreaterThan(
      (await share(['art', 'museums'], outdoors)) + 3,
    );
  });
});
