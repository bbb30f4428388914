/** Seed 0's promise for launch day: who matches an archetype starts from what simulated travellers of it did. */
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archetype } from '../../../core/persona/archetypes.ts';
import { DIMENSION_NAMES, type DimensionName, type Dimensions } from '../../../core/persona/dimensions.ts';
import { readOnboardingTags } from '../../../core/persona/onboarding.ts';
import { personaFromTags } from '../../../core/persona/persona.ts';
import { dimensionProfile } from '../../../core/venue/venue-vector.ts';
import { archetypePriors } from '../../../platform/database/persona-priors.ts';
import { personaDimensions, syntheticReviews, users } from '../../../platform/database/schema/index.ts';
import { venuesById } from '../../../platform/database/venues.ts';
import { call, database, type Guest, inDays, type Overrides } from '../api/client.ts';
import { type SlotShape, slotsOf } from '../api/trip-shape.ts';
import { bodies, deliver, reported } from '../signals/scene.ts';
import { DEVELOPMENT, givePriors, run, takeBack, unseen, within } from './scene.ts';

const FOODIE = { food: ['adventurous', 'foodie'], locals: 'local_first', atmosphere: ['crowds_are_fine'] };
const HIKER = { interests: ['hiking', 'outdoors'], pace: 'fast', adventure: 'bold' };
/** What the simulation says of A8 beyond its centroid: by day they like green places, and none of what is loud. */
const LEARNED: Dimensions = { ...archetype('A8').dimensions, nature: 0.95, social_energy: 0.05, culture: 0.02 };
const SAID: DimensionName[] = ['nature', 'social_energy', 'culture'];

const SIMULATED = run();
const PRIOR = `archetype_prior:A8@${SIMULATED.runId.slice(0, 8)}`;
beforeAll(() => givePriors(SIMULATED, 'A8', LEARNED));
afterAll(() => takeBack([SIMULATED]));

async function made(onboarding_tags: object, env: Overrides): Promise<Guest> {
  const answer = await call('POST', '/users', { json: { onboarding_tags }, env });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

/** The job as it comes to this user first. */
const nightlyFrom = (userId: string) => {
  const runId = uuidv7();
  const after = `${userId.slice(0, -4)}0000`;
  return { v: 1, id: `${runId}:test`, kind: 'scheduled', name: 'persona-update', runId, trigger: 'admin', after };
};

async function stored({ id }: Guest) {
  const [user] = await database.select().from(users).where(eq(users.id, id));
  const rows = await database.select().from(personaDimensions).where(eq(personaDimensions.userId, id));
  return {
    version: user!.personaVersion,
    embedding: user!.personaEmbedding!,
    sources: [...new Set(rows.map(({ source }) => source))],
    dimensions: Object.fromEntries(rows.map(({ dimension, value }) => [dimension, value])) as Dimensions,
  };
}

/** Always in the environment of the tests: what differs was decided when they came. */
async function firstTrip({ token }: Guest): Promise<SlotShape[]> {
  const planned = await call('POST', '/trips', { token, json: { city: 'seattle', start_date: inDays(), days: 5 } });
  if (planned.status !== 201) throw new Error(planned.text);
  return slotsOf(planned.body);
}

/** How far what is served goes where the prior points, from where the tags alone do: the mean over the slots. */
async function towardPrior(slots: readonly SlotShape[], from: Dimensions, to: Dimensions): Promise<number> {
  const venues = await venuesById(database, [...new Set(slots.map(({ venue }) => venue.id))]);
  const along = slots.map(({ venue }) => {
    const profile = dimensionProfile(venues.get(venue.id)!);
    return DIMENSION_NAMES.reduce(
      (sum, name, i) => sum + (SAID.includes(name) ? (to[name] - from[name]) * profile[i]! : 0),
      0,
    );
  });
  return along.reduce((sum, one) => sum + one, 0) / along.length;
}

const dimensionsOf = (selection: Record<string, string | string[]>) =>
  personaFromTags(readOnboardingTags(selection).tags!).dimensions;
const close = (dimensions: Dimensions) =>
  Object.fromEntries(DIMENSION_NAMES.map((name) => [name, expect.closeTo(dimensions[name], 6)]));

describe('the first day of a traveller who is nearest to A8', () => {
  it('goes where the priors of A8 point, which are in the stored persona for ever', async () => {
    const [with8, without] = [await made(FOODIE, DEVELOPMENT), await made(FOODIE, {})];
    const [started, plain] = [await stored(with8), await stored(without)];
    expect(plain).toMatchObject({
      version: 'persona-tags@1',
      sources: ['onboarding'],
      dimensions: close(dimensionsOf(FOODIE)),
    });
    expect(started).toMatchObject({
      version: `persona-tags@1+A8.${SIMULATED.runId.slice(0, 8)}`,
      sources: [`onboarding,${PRIOR}`],
    });
    for (const name of SAID) {
      const way = LEARNED[name] - plain.dimensions[name];
      expect((started.dimensions[name] - plain.dimensions[name]) / way).toBeGreaterThan(0.2);
    }
    expect(started.embedding).not.toEqual(plain.embedding);

    const [served, usual] = [await firstTrip(with8), await firstTrip(without)];
    const along = (slots: readonly SlotShape[]) => towardPrior(slots, plain.dimensions, started.dimensions);
    expect(await along(served)).toBeGreaterThan((await along(usual)) + 0.02);
    // The same tags, the same day: without priors nothing differs.
    const again = await firstTrip(await made(FOODIE, {}));
    expect(again.map(({ venue }) => venue.id)).toEqual(usual.map(({ venue }) => venue.id));
  });

  it('is as the tags say in any other environment: nobody knows that lineage there', async () => {
    for (const environment of ['test', 'production'] as const) {
      expect((await archetypePriors(database, environment)).get('A8')?.runId).not.toBe(SIMULATED.runId);
    }
    expect((await archetypePriors(database, 'development')).get('A8')).toEqual({
      dimensions: LEARNED,
      runId: SIMULATED.runId,
    });
    expect((await stored(await made(FOODIE, within('test')))).sources).toEqual(['onboarding']);
  });

  it('changes nothing for who is nearest to another archetype, or chose nothing', async () => {
    for (const tags of [HIKER, {}]) {
      expect(await stored(await made(tags, DEVELOPMENT))).toMatchObject({
        version: 'persona-tags@1',
        sources: ['onboarding'],
        dimensions: close(dimensionsOf(tags)),
      });
    }
  });
});

describe('a starting point', () => {
  it('is decided anew with other tags, and only then', async () => {
    const guest = await made(HIKER, DEVELOPMENT);
    const before = await stored(guest);
    const change = (json: object, env: Overrides) => call('PATCH', '/users/me', { token: guest.token, json, env });
    await change({ home_currency: 'EUR' }, DEVELOPMENT);
    expect(await stored(guest)).toEqual(before);
    await change({ onboarding_tags: FOODIE }, DEVELOPMENT);
    expect((await stored(guest)).sources).toEqual([`onboarding,${PRIOR}`]);
    await change({ onboarding_tags: FOODIE }, within('test'));
    expect(await stored(guest)).toMatchObject({ version: 'persona-tags@1', sources: ['onboarding'] });
  });

  it('is where the nightly job goes on from, and stays named when it did', async () => {
    const guest = await made(FOODIE, DEVELOPMENT);
    const before = await stored(guest);
    const [slot] = await firstTrip(guest);
    await deliver('signals', bodies([reported(guest.id, { slotId: slot!.id })]));
    await deliver('jobs', [{ id: 'j', body: nightlyFrom(guest.id) }]);
    const after = await stored(guest);
    expect(after.sources).toEqual([`signals,${PRIOR}`]);
    expect(after.version).toBe(before.version);
    for (const name of DIMENSION_NAMES) {
      expect(Math.abs(after.dimensions[name] - before.dimensions[name])).toBeLessThanOrEqual(0.06);
    }
  });
});

describe('what may load', () => {
  const agent = { runId: uuidv7(), source: 'synthetic_agent_v1' };
  const priorOf = (seasonedUsers: number | null) =>
    unseen(async (queries) => {
      await givePriors(agent, 'A8', { culture: 0.11 }, queries);
      if (seasonedUsers !== null) {
        await queries.insert(syntheticReviews).values({
          ...{ id: uuidv7(), realUsers: 900, seasonedUsers, phase: 'compared' },
          reviewedAt: new Date(Date.now() + 7200_000),
        });
      }
      const [production, development] = [
        await archetypePriors(queries, 'production'),
        await archetypePriors(queries, 'development'),
      ];
      return [production.get('A8')?.runId, development.get('A8')?.runId];
    });

  it('is what a language model played, everywhere, until 500 real travellers have three trips', async () => {
    expect((await priorOf(499))[0]).toBe(agent.runId);
    expect(await priorOf(500)).toEqual([undefined, undefined]);
  });
});
