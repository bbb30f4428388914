/** Nightly: what travellers did since the last run moves their personas, and becomes the sequences that models read. */
import { learnDimensions } from '../core/persona/learn.ts';
import { interestsFromTags } from '../core/persona/onboarding.ts';
import { isWarm, makePersona, personaFromTags } from '../core/persona/persona.ts';
import { trainingFactor } from '../core/signal/signal.ts';
import { verdictsOf } from '../core/signal/verdict.ts';
import type { Venue } from '../core/venue/venue.ts';
import { dimensionProfile } from '../core/venue/venue-vector.ts';
import { type Learned, type Learner, nextLearners, storeLearned } from '../platform/database/persona-learning.ts';
import { seasonedUsersFor } from '../platform/database/real-users.ts';
import type { SequenceEntry } from '../platform/database/schema/index.ts';
import { venuesById } from '../platform/database/venues.ts';
import { openVectorIndex } from '../platform/vectors/open-vector-index.ts';
import { ENCODED_PREFIX, PERSONA_ENCODER } from '../platform/vectors/persona-encoder.ts';
import type { JobContext } from './job-context.ts';
import { servingVersion } from './vector-models.ts';

const USERS_A_STRETCH = 50;

/** Who only lingered neither took a place nor refused it. */
const UNDECIDED = 'slot_linger';

function sequenceOf({ latest }: Learner): SequenceEntry[] {
  return latest
    .filter(({ type }) => type !== UNDECIDED)
    .flatMap((signal) =>
      verdictsOf(signal).map(({ venueId, accepted }) => ({
        venue_id: venueId,
        accepted,
        type: signal.type,
        at: signal.occurredAt,
      })),
    );
}

/**
 * The persona after the fresh signals; venues that no catalogue knows teach nothing.
 * @param encoderServes an embedding that is the encoder's is then left to `persona-embedding`, which comes after this job
 * @param seasonedUsers as `trainingFactor` takes them
 */
export function learn(
  learner: Learner,
  venues: ReadonlyMap<string, Venue>,
  { encoderServes, seasonedUsers }: { encoderServes: boolean; seasonedUsers: number },
): Learned {
  const tags = learner.onboardingTags;
  let counted = learner.countingSignals - learner.fresh.filter(({ counts }) => counts).length;
  const evidence = learner.fresh.flatMap((signal) => {
    const factor = trainingFactor(signal.source, isWarm(counted), seasonedUsers);
    if (signal.counts) counted++;
    return verdictsOf(signal).flatMap(({ venueId, accepted, strength }) => {
      const venue = venues.get(venueId);
      return venue ? [{ profile: dimensionProfile(venue), accepted, weight: strength * signal.weight * factor }] : [];
    });
  });
  const before = { ...personaFromTags(tags).dimensions, ...learner.dimensions };
  const dimensions = learnDimensions(before, evidence);
  const encoded = encoderServes && (learner.personaVersion?.startsWith(ENCODED_PREFIX) ?? false);
  const { embedding } = makePersona(dimensions, interestsFromTags(tags), learner.description);
  return { learner, dimensions, embedding: encoded ? null : embedding, sequence: sequenceOf(learner) };
}

/**
 * Some users, from `after` on. Answers where to go on, null where nobody is left. Each user's watermark moves in the
 * transaction of what was learned: what breaks off between two users, or runs twice, teaches nobody twice.
 */
export async function personaUpdate(
  after: string | null,
  context: JobContext,
): Promise<{ next: string | null; counts: Record<string, number> }> {
  const { database, settings, now } = context;
  const learners = await nextLearners(database, after, USERS_A_STRETCH);
  const ids = learners.flatMap(({ fresh }) => fresh.flatMap(verdictsOf).map(({ venueId }) => venueId));
  const venues = await venuesById(database, [...new Set(ids)]);
  const encoderServes = learners.length > 0 && (await servingVersion(PERSONA_ENCODER, context)) !== null;
  const sources = learners.flatMap(({ fresh }) => fresh.map(({ source }) => source));
  const seasonedUsers = await seasonedUsersFor(database, sources);
  const learned = learners.map((learner) => learn(learner, venues, { encoderServes, seasonedUsers }));
  const vectors = openVectorIndex(settings, database);
  // Before the watermarks move: if it fails, all of it comes again.
  if (vectors.adapter !== 'pgvector') {
    await vectors.upsert(
      'personas',
      learned.flatMap(({ learner, embedding }) => (embedding ? [{ id: learner.userId, vector: embedding }] : [])),
    );
  }
  const stored = new Set(await storeLearned(database, learned, new Date(now)));
  const taught = learners.filter(({ userId }) => stored.has(userId));
  return {
    next: learners.length === USERS_A_STRETCH ? learners.at(-1)!.userId : null,
    counts: {
      users: taught.length,
      signals: taught.reduce((sum, { fresh }) => sum + fresh.length, 0),
      overtaken: learners.length - taught.length,
    },
  };
}
