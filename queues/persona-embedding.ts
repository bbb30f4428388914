/** Nightly, after `persona-update`: the embedding of warm travellers, by the encoder in production, from what they did. */

import { verdictsOf } from '../core/signal/verdict.ts';
import type { Decision } from '../models/persona-encoder/inputs.ts';
import { tasteFeatures } from '../models/persona-encoder/inputs.ts';
import type { Database } from '../platform/database/client.ts';
import { nextWarmTravellers, storeEncoded, type WarmTraveller } from '../platform/database/persona-embedding.ts';
import { seasonedUsersFor } from '../platform/database/real-users.ts';
import { venuesById } from '../platform/database/venues.ts';
import { openVectorIndex } from '../platform/vectors/open-vector-index.ts';
import {
  decisionsOf,
  FEWEST_DECISIONS,
  PERSONA_ENCODER,
  type PersonaEncoder,
  personaEncoderModel,
} from '../platform/vectors/persona-encoder.ts';
import type { JobContext } from './job-context.ts';
import { servingVersion, withModel } from './vector-models.ts';

const TRAVELLERS_A_STRETCH = 100;

type Counts = Record<'travellers' | 'changed' | 'too_few_decisions' | 'overtaken', number>;

/**
 * Some travellers, from `after` on. Answers where to go on, null where nobody is left; at once, where no encoder may serve:
 * personas are then what tags and `persona-update` make of them. Whoever is encoded is not due until something changes, so
 * that a run that breaks off or comes twice changes nothing twice.
 */
export async function personaEmbedding(
  after: string | null,
  context: JobContext,
): Promise<{ next: string | null; counts: Record<string, number> }> {
  const serving = await servingVersion(PERSONA_ENCODER, context);
  if (!serving) return { next: null, counts: { without_encoder: 1 } };
  const done = await withModel(personaEncoderModel, serving, context, (encoder) =>
    encodeStretch(encoder, after, context),
  );
  return done ?? { next: null, counts: { refused: 1 } };
}

/** Exported for measurements: a stretch with an encoder that is open already. */
export async function encodeStretch(
  encoder: PersonaEncoder,
  after: string | null,
  { database, settings, now }: Pick<JobContext, 'database' | 'settings' | 'now'>,
): Promise<{ next: string | null; counts: Counts }> {
  const due = await nextWarmTravellers(database, encoder, after, TRAVELLERS_A_STRETCH);
  const next = due.length === TRAVELLERS_A_STRETCH ? due.at(-1)!.userId : null;
  const known = (await decisionsOfAll(due, database)).filter(({ decisions }) => decisions.length >= FEWEST_DECISIONS);
  const points = await encoder.encode(known.map(({ decisions }) => decisions));
  const encoded = known.map(({ traveller }, i) => ({ traveller, embedding: points[i]! }));
  const vectors = openVectorIndex(settings, database);
  // Before it is noted that they are done: if it fails, all of it comes again.
  if (vectors.adapter !== 'pgvector') {
    await vectors.upsert(
      'personas',
      encoded.map(({ traveller, embedding }) => ({ id: traveller.userId, vector: embedding })),
    );
  }
  const stored = await storeEncoded(database, encoded, encoder.modelVersion, new Date(now));
  return {
    next,
    counts: {
      travellers: stored.length,
      changed: stored.filter(({ changed }) => changed).length,
      too_few_decisions: due.length - known.length,
      overtaken: encoded.length - stored.length,
    },
  };
}

async function decisionsOfAll(
  travellers: readonly WarmTraveller[],
  database: Database,
): Promise<{ traveller: WarmTraveller; decisions: Decision[] }[]> {
  const ids = travellers.flatMap(({ signals }) => signals.flatMap(verdictsOf).map(({ venueId }) => venueId));
  const venues = await venuesById(database, [...new Set(ids)]);
  const features = new Map<string, Float32Array>();
  const featuresOf = (id: string) => {
    const venue = venues.get(id);
    if (!venue) return null;
    const known = features.get(id) ?? tasteFeatures(venue);
    features.set(id, known);
    return known;
  };
  const sources = travellers.flatMap(({ signals }) => signals.map(({ source }) => source));
  const seasonedUsers = await seasonedUsersFor(database, sources);
  return travellers.map((traveller) => {
    const { signals, countingSignals } = traveller;
    return { traveller, decisions: decisionsOf(signals, countingSignals, featuresOf, seasonedUsers) };
  });
}
