/** For operators: what a version may do, and the gate before it. */
import { createRoute, z } from '@hono/zod-openapi';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { v7 as uuidv7 } from 'uuid';
import { canaryExperiment } from '../../core/experiment/experiment.ts';
import { type GateCondition, gatePassed, needsCanary, withWaived } from '../../core/registry/gate.ts';
import { GATE } from '../../core/registry/gate-config.ts';
import type { ModelStatus } from '../../core/registry/status.ts';
import { isAllowed, refusedTransition, type TransitionVerb } from '../../core/registry/transitions.ts';
import { findModelVersion, type ModelVersion } from '../../platform/database/model-registry.ts';
import {
  changeStatus,
  type RefusalCode,
  rollback,
  StatusRefused,
  transitionsOf,
} from '../../platform/database/model-status.ts';
import type { AppContext } from '../app-env.ts';
import { checkArtifact } from '../check-artifact.ts';
import { access } from '../middleware/access.ts';
import { askGate, type GateAnswer } from '../model-gate.ts';
import { Problem, problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';
import { conditionBody, gateCondition } from '../schemas/model-gate.ts';
import { modelVersion, versionBody } from './model-registry.ts';

const named = z.strictObject({ name: z.string().min(1).max(100) });
const versioned = named.extend({ version: z.string().min(1).max(100) });
const reason = z.string().trim().min(1).max(500).optional().openapi({ description: 'Kept with the change' });
const waive = z
  .array(z.string().max(100))
  .max(30)
  .default([])
  .openapi({ description: 'Conditions of the gate that are let go, in development only; kept with the change' });
const optionalBody = <Schema>(schema: Schema) => ({ required: false, content: { 'application/json': { schema } } });

const gate = z
  .object({
    name: z.string(),
    version: z.string(),
    target: z.enum(['canary', 'production']),
    beside: z.string().nullable().openapi({ description: 'The production version that it is held against' }),
    passed: z.boolean(),
    conditions: z.array(gateCondition),
  })
  .openapi('ModelGate');

const transition = z
  .object({
    from: z.string(),
    to: z.string(),
    actor: z.string(),
    reason: z.string().nullable(),
    gate: z.record(z.string(), z.unknown()).nullable(),
    occurred_at: z.string(),
  })
  .openapi('ModelTransition');

const STATUS: Record<RefusalCode, ContentfulStatusCode> = {
  model_version_not_found: 404,
  wrong_status: 409,
  promotion_overtaken: 409,
  experiment_running: 409,
  nothing_to_roll_back_to: 409,
  no_production_version: 409,
};

function asProblem(error: unknown): unknown {
  return error instanceof StatusRefused ? new Problem(STATUS[error.code], error.code, error.message) : error;
}

async function versionOf(c: AppContext, name: string, version: string): Promise<ModelVersion> {
  const row = await findModelVersion(c.var.database, name, version);
  if (!row) throw new Problem(404, 'model_version_not_found', `there is no ${name}@${version}`);
  return row;
}

/** Before the gate is asked, which reads a lot: the change itself looks again, under its lock. */
function assertAllowed(verb: TransitionVerb, { status }: ModelVersion): void {
  const from = status as ModelStatus;
  if (!isAllowed(verb, from)) throw new Problem(409, 'wrong_status', refusedTransition(verb, from));
}

/** @throws Problem with all conditions where the gate does not let it pass */
function passedGate(c: AppContext, { conditions }: GateAnswer, waived: readonly string[]): GateCondition[] {
  if (waived.length > 0 && c.var.settings.environment !== 'development') {
    throw new Problem(422, 'waiver_not_allowed', 'conditions may be waived in development only', {
      errors: [{ field: 'waive', message: 'only in development' }],
    });
  }
  const answered = withWaived(conditions, waived);
  if (!answered) {
    const known = conditions.filter(({ waivable }) => waivable).map(({ name }) => name);
    throw new Problem(422, 'unknown_condition', 'a name that is no condition, or of one that is never waived', {
      errors: [{ field: 'waive', message: 'unknown', known }],
    });
  }
  if (!gatePassed(answered)) {
    const failed = answered.filter(({ passed, waived, kind }) => !passed && !waived && kind === 'required');
    throw new Problem(422, 'gate_failed', `not passed: ${failed.map(({ name }) => name).join(', ')}`, {
      extra: { conditions: answered.map(conditionBody) },
    });
  }
  return answered;
}

const operator = (c: AppContext) => `admin:${c.get('userId')}`;

interface Asked {
  name: string;
  version: string;
  reason?: string | undefined;
}

async function change(
  c: AppContext,
  verb: TransitionVerb,
  { name, version, reason: why }: Asked,
  more: Partial<Pick<Parameters<typeof changeStatus>[1], 'beside' | 'gate' | 'canary'>> = {},
): Promise<ModelVersion> {
  const { database, now } = c.var;
  const asked = { name, version, verb, actor: operator(c), reason: why ?? null, now: new Date(now), newId: uuidv7 };
  const clock = () => new Date();
  try {
    return await changeStatus(database, { ...asked, clock, ...more });
  } catch (error) {
    throw asProblem(error);
  }
}

export const modelStatusRoutes = newRouter();

const CHANGED = { 200: json(modelVersion, 'The version as it is now') };

modelStatusRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/models/{name}/versions/{version}/gate',
    summary: 'What the gate says of a version; nothing is changed',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      params: versioned,
      query: z.strictObject({ target: z.enum(['canary', 'production']).default('production') }),
    },
    responses: { 200: json(gate, 'Each condition, with its numbers'), ...problemResponses(400, 401, 403, 404) },
  }),
  async (c) => {
    const { name, version } = c.req.valid('param');
    const { target } = c.req.valid('query');
    const { conditions, beside } = await askGate(c, await versionOf(c, name, version), target, GATE);
    return c.json(
      { name, version, target, beside, passed: gatePassed(conditions), conditions: conditions.map(conditionBody) },
      200,
    );
  },
);

modelStatusRoutes.openapi(
  createRoute({
    method: 'get',
    path: '/admin/models/{name}/versions/{version}/transitions',
    summary: 'What became of a version, and why',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: versioned },
    responses: {
      200: json(z.object({ transitions: z.array(transition) }), 'Newest first'),
      ...problemResponses(400, 401, 403, 404),
    },
  }),
  async (c) => {
    const { name, version } = c.req.valid('param');
    await versionOf(c, name, version);
    const rows = await transitionsOf(c.var.database, name, version);
    const transitions = rows.map(({ fromStatus, toStatus, actor, reason: why, gate: told, occurredAt }) => {
      return { from: fromStatus, to: toStatus, actor, reason: why, gate: told, occurred_at: occurredAt.toISOString() };
    });
    return c.json({ transitions }, 200);
  },
);

modelStatusRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/models/{name}/versions/{version}/shadow',
    summary: 'Score it beside what serves; back from canary, too',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: versioned, body: optionalBody(z.strictObject({ reason })) },
    responses: { ...CHANGED, ...problemResponses(400, 401, 403, 404, 409, 422) },
  }),
  async (c) => {
    const asked = { ...c.req.valid('param'), ...c.req.valid('json') };
    const row = await versionOf(c, asked.name, asked.version);
    assertAllowed('shadow', row);
    await refuseUnloadable(c, row);
    return c.json(versionBody(await change(c, 'shadow', asked)), 200);
  },
);

/** @throws Problem where it could not serve, nor be scored */
async function refuseUnloadable(c: AppContext, { modelName, version, artifactPath }: ModelVersion): Promise<void> {
  const refused = await checkArtifact(c, { name: modelName, version, artifactPath });
  if (refused) throw new Problem(422, 'model_refused', refused.message, { extra: { refused: refused.code } });
}

modelStatusRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/models/{name}/versions/{version}/canary',
    summary: 'Give it a part of the travellers, once it passes the gate',
    tags: ['Operators'],
    ...access('admin'),
    request: {
      params: versioned,
      body: optionalBody(
        z.strictObject({
          reason,
          waive,
          share: z
            .number()
            .gt(0)
            .max(0.5)
            .optional()
            .openapi({ description: `Of the travellers; ${GATE.canary.share} where it is left out` }),
        }),
      ),
    },
    responses: { ...CHANGED, ...problemResponses(400, 401, 403, 404, 409, 422) },
  }),
  async (c) => {
    const { name, version } = c.req.valid('param');
    const { reason: why, waive: waived = [], share = GATE.canary.share } = c.req.valid('json') ?? {};
    const row = await versionOf(c, name, version);
    assertAllowed('canary', row);
    const answer = await askGate(c, row, 'canary', GATE);
    const conditions = passedGate(c, answer, waived).map(conditionBody);
    if (answer.beside === null) {
      const message = `nothing of ${name} is in production: there is nothing that the other travellers would get`;
      throw new Problem(409, 'no_production_version', message);
    }
    if (!needsCanary({ name, production: { version: answer.beside, metrics: {} } }, GATE)) {
      throw new Problem(409, 'no_canary', `${name} serves all travellers or none: it goes from shadow to production`);
    }
    const changed = await change(
      c,
      'canary',
      { name, version, reason: why },
      {
        beside: answer.beside,
        gate: { conditions, waived },
        canary: { id: uuidv7(), experiment: canaryExperiment(name, answer.beside, version, share) },
      },
    );
    return c.json(versionBody(changed), 200);
  },
);

modelStatusRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/models/{name}/versions/{version}/promote',
    summary: 'Let it serve all, once it passes the gate; what served before is retired',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: versioned, body: optionalBody(z.strictObject({ reason, waive })) },
    responses: { ...CHANGED, ...problemResponses(400, 401, 403, 404, 409, 422) },
  }),
  async (c) => {
    const { name, version } = c.req.valid('param');
    const { reason: why, waive: waived = [] } = c.req.valid('json') ?? {};
    const row = await versionOf(c, name, version);
    assertAllowed('promote', row);
    const answer = await askGate(c, row, 'production', GATE);
    const conditions = passedGate(c, answer, waived).map(conditionBody);
    const more = { beside: answer.beside, gate: { conditions, waived } };
    return c.json(versionBody(await change(c, 'promote', { name, version, reason: why }, more)), 200);
  },
);

modelStatusRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/models/{name}/versions/{version}/retire',
    summary: 'Take it out of shadow or canary',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: versioned, body: optionalBody(z.strictObject({ reason })) },
    responses: { ...CHANGED, ...problemResponses(400, 401, 403, 404, 409) },
  }),
  async (c) => {
    const asked = { ...c.req.valid('param'), ...c.req.valid('json') };
    return c.json(versionBody(await change(c, 'retire', asked)), 200);
  },
);

modelStatusRoutes.openapi(
  createRoute({
    method: 'post',
    path: '/admin/models/{name}/rollback',
    summary: 'Back to what served before, at once',
    tags: ['Operators'],
    ...access('admin'),
    request: { params: named, body: optionalBody(z.strictObject({ reason })) },
    responses: {
      200: json(modelVersion, 'The version that serves again'),
      ...problemResponses(400, 401, 403, 404, 409, 422),
    },
  }),
  async (c) => {
    const { database, now } = c.var;
    const { name } = c.req.valid('param');
    const why = c.req.valid('json')?.reason ?? null;
    try {
      const back = await rollback(
        database,
        { name, actor: operator(c), reason: why, now: new Date(now), newId: uuidv7 },
        (previous) => refuseUnloadable(c, previous),
      );
      return c.json(versionBody(back), 200);
    } catch (error) {
      throw asProblem(error);
    }
  },
);
