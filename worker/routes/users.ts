/** Travellers: guests, their own record, their persona. */

import { createRoute, z } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { archetypesByDistance, NEAREST_ARCHETYPES } from '../../core/persona/archetypes.ts';
import { DIMENSION_NAMES, DIMENSIONS } from '../../core/persona/dimensions.ts';
import { type OnboardingTags, readOnboardingTags } from '../../core/persona/onboarding.ts';
import { isWarm, makePersona, type Persona, WARM_SIGNALS } from '../../core/persona/persona.ts';
import { type ArchetypePriors, type StartingPoint, startingPoint } from '../../core/persona/starting-point.ts';
import { signToken } from '../../platform/auth/tokens.ts';
import { RememberedByKey } from '../../platform/cache/remembered-by-key.ts';
import { insertLlmUsage } from '../../platform/database/llm-usage.ts';
import { archetypePriors } from '../../platform/database/persona-priors.ts';
import {
  findTraveller,
  insertUser,
  storeDescribedPersona,
  type Traveller,
  updateUser,
} from '../../platform/database/users.ts';
import { describePersona, nudged } from '../../platform/llm/llm-persona.ts';
import type { AppContext } from '../app-env.ts';
import { access } from '../middleware/access.ts';
import { Problem, problemResponses } from '../problem.ts';
import { requestLlm } from '../request-llm.ts';
import { body, json, newRouter } from '../router.ts';

const GUEST_TOKEN_SECONDS = 30 * 24 * 3600;

const onboardingTags = z
  .record(z.string(), z.union([z.string(), z.array(z.string()).max(100)]))
  .openapi({ description: 'Groups and tags of GET /vocabulary', example: { food: ['ramen', 'coffee'], pace: 'slow' } });
const homeCurrency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code');

const newUser = z
  .strictObject({ onboarding_tags: onboardingTags, home_currency: homeCurrency.optional() })
  .openapi('NewUser');
const userChange = z
  .strictObject({ onboarding_tags: onboardingTags.optional(), home_currency: homeCurrency.nullable().optional() })
  .openapi('UserChange');
const guest = z.object({ id: z.uuid(), token: z.string(), expires_at: z.string() }).openapi('Guest');
const userBody = z
  .object({
    id: z.uuid(),
    onboarding_tags: z.record(z.string(), z.array(z.string())),
    home_currency: z.string().nullable(),
    created_at: z.string(),
  })
  .openapi('User');
const personaBody = z
  .object({
    dimensions: z.record(z.enum(DIMENSION_NAMES), z.object({ value: z.number(), zero: z.string(), one: z.string() })),
    interests: z.array(z.string()),
    description: z.string().nullable(),
    embedding_version: z.string().nullable(),
    nearest_archetypes: z.array(z.object({ id: z.string(), label: z.string(), distance: z.number() })),
    state: z.enum(['cold', 'warm']),
    counting_signals: z.int(),
    reason: z.string(),
  })
  .openapi('Persona');

/** Throws the problem that names each unknown group or tag, with those that are known. */
function readTags(selection: Record<string, string | string[]>): OnboardingTags {
  const { tags, problems } = readOnboardingTags(selection);
  if (tags) return tags;
  throw new Problem(422, 'unknown_tag', problems.map((problem) => `${problem.field}: ${problem.message}`).join('; '), {
    errors: problems,
  });
}

async function guestToken(c: AppContext, userId: string) {
  const { settings, now } = c.var;
  const { hs256Secret, issuer, audience } = settings.auth;
  if (!settings.guestAccess || !hs256Secret) {
    throw new Problem(403, 'guest_access_off', 'guests are not served here: sign in with the identity provider');
  }
  const token = await signToken({
    secret: hs256Secret,
    issuer,
    audience,
    subject: userId,
    role: 'user',
    now: new Date(now),
    lifetimeSeconds: GUEST_TOKEN_SECONDS,
  });
  return { id: userId, token, expires_at: new Date(now + GUEST_TOKEN_SECONDS * 1000).toISOString() };
}

/** Throws 401 where the account went away between the token and here. */
export async function signedInTraveller(c: AppContext): Promise<Traveller> {
  const traveller = await findTraveller(c.var.database, c.var.userId);
  if (!traveller) throw new Problem(401, 'unauthorised', 'the account was deleted');
  return traveller;
}

/** What a run of the simulation teaches counts at latest this much later. */
const priorsNow = new RememberedByKey<ArchetypePriors>(60_000);

async function startOf(c: AppContext, tags: OnboardingTags): Promise<StartingPoint> {
  const { database, now, settings } = c.var;
  const { environment } = settings;
  return startingPoint(tags, await priorsNow.get(environment, now, () => archetypePriors(database, environment)));
}

/** With a language model, after the response: a description and small corrections. Without, or where it fails, the start stands. */
function describeLater(c: AppContext, userId: string, tags: OnboardingTags, start: StartingPoint): void {
  const { database, now, log } = c.var;
  const llm = requestLlm(c, null);
  if (!llm) return;
  const describe = async () => {
    const { dimensions, interests } = start.persona;
    try {
      const { description, nudges } = await describePersona(llm, tags, dimensions);
      const persona = makePersona(nudged(dimensions, nudges), interests, description);
      await storeDescribedPersona(database, userId, tags, { ...start, persona }, new Date(now));
      indexPersonaLater(c, userId, persona);
    } catch (error) {
      log('persona_description_failed', { error: String(error) });
    } finally {
      await insertLlmUsage(database, llm.usage);
    }
  };
  c.executionCtx.waitUntil(describe());
}

/** After the response, where the index is not the database itself. */
function indexPersonaLater(c: AppContext, userId: string, persona: Persona): void {
  const { vectors } = c.var;
  if (vectors.adapter === 'pgvector') return;
  c.executionCtx.waitUntil(vectors.upsert('personas', [{ id: userId, vector: persona.embedding }]));
}

const userResponse = ({ user }: Traveller): z.infer<typeof userBody> => ({
  id: user.id,
  onboarding_tags: user.onboardingTags,
  home_currency: user.homeCurrency,
  created_at: user.createdAt.toISOString(),
});

export const userRoutes = newRouter()
  .openapi(
    createRoute({
      method: 'post',
      path: '/users',
      summary: 'Make a guest user',
      tags: ['Travellers'],
      ...access('public'),
      request: { body: body(newUser) },
      responses: { 201: json(guest, 'The guest and their token'), ...problemResponses(400, 403, 413, 422) },
    }),
    async (c) => {
      const { onboarding_tags, home_currency } = c.req.valid('json');
      const { database, now } = c.var;
      const tags = readTags(onboarding_tags);
      const id = uuidv7();
      const [made, start] = await Promise.all([guestToken(c, id), startOf(c, tags)]);
      await insertUser(database, {
        id,
        actorKey: crypto.randomUUID(),
        subject: id,
        onboardingTags: tags,
        homeCurrency: home_currency ?? null,
        start,
        now: new Date(now),
      });
      indexPersonaLater(c, id, start.persona);
      describeLater(c, id, tags, start);
      return c.json(made, 201);
    },
  )
  .openapi(
    createRoute({
      method: 'post',
      path: '/users/me/token',
      summary: 'Renew a guest token',
      tags: ['Travellers'],
      ...access('user'),
      responses: { 200: json(guest, 'A new token'), ...problemResponses(401, 403) },
    }),
    async (c) => c.json(await guestToken(c, c.var.userId), 200),
  )
  .openapi(
    createRoute({
      method: 'get',
      path: '/users/me',
      summary: 'Your record',
      tags: ['Travellers'],
      ...access('user'),
      responses: { 200: json(userBody, 'You'), ...problemResponses(401) },
    }),
    async (c) => c.json(userResponse(await signedInTraveller(c)), 200),
  )
  .openapi(
    createRoute({
      method: 'patch',
      path: '/users/me',
      summary: 'Change your tags or currency',
      tags: ['Travellers'],
      ...access('user'),
      request: { body: body(userChange) },
      responses: { 200: json(userBody, 'You, changed'), ...problemResponses(400, 401, 413, 422) },
    }),
    async (c) => {
      const { onboarding_tags, home_currency } = c.req.valid('json');
      const { database, userId, now } = c.var;
      const onboardingTags = onboarding_tags && readTags(onboarding_tags);
      const start = onboardingTags && (await startOf(c, onboardingTags));
      await updateUser(database, userId, { onboardingTags, start, homeCurrency: home_currency }, new Date(now));
      if (onboardingTags && start) {
        indexPersonaLater(c, userId, start.persona);
        describeLater(c, userId, onboardingTags, start);
      }
      return c.json(userResponse(await signedInTraveller(c)), 200);
    },
  )
  .openapi(
    createRoute({
      method: 'get',
      path: '/users/me/persona',
      summary: 'How the system sees you',
      tags: ['Travellers'],
      ...access('user'),
      responses: { 200: json(personaBody, 'Dimensions, nearest archetypes, cold or warm'), ...problemResponses(401) },
    }),
    async (c) => {
      const { user, persona } = await signedInTraveller(c);
      const warm = isWarm(user.countingSignals);
      return c.json(
        {
          dimensions: Object.fromEntries(
            DIMENSIONS.map(({ name, zero, one }) => [name, { value: persona.dimensions[name], zero, one }]),
          ) as z.infer<typeof personaBody>['dimensions'],
          interests: [...persona.interests],
          description: persona.description,
          embedding_version: user.personaVersion,
          nearest_archetypes: archetypesByDistance(persona.dimensions).slice(0, NEAREST_ARCHETYPES),
          state: warm ? ('warm' as const) : ('cold' as const),
          counting_signals: user.countingSignals,
          reason: `${user.countingSignals} of the ${WARM_SIGNALS} counting signals that make a traveller warm`,
        },
        200,
      );
    },
  );
