/** The HTTP edge: middleware, routes, and the document that describes them. */
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import { modelVersionHeader } from './middleware/model-version.ts';
import { services } from './middleware/services.ts';
import { Problem, problemResponse } from './problem.ts';
import { newRouter } from './router.ts';
import { accountRoutes } from './routes/account.ts';
import { adminRoutes } from './routes/admin.ts';
import { alertRoutes } from './routes/alerts.ts';
import { arbitrationRoutes } from './routes/arbitration.ts';
import { cityRoutes } from './routes/cities.ts';
import { correctionSignalRoutes } from './routes/correction-signal.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { discoveryRoutes } from './routes/discovery.ts';
import { experimentRoutes } from './routes/experiments.ts';
import { healthRoutes } from './routes/health.ts';
import { inviteRoutes } from './routes/invites.ts';
import { jobRoutes } from './routes/job-runs.ts';
import { liveRoutes } from './routes/live.ts';
import { modelRegistryRoutes } from './routes/model-registry.ts';
import { modelStatusRoutes } from './routes/model-status.ts';
import { modelVersionRoutes } from './routes/model-versions.ts';
import { personaStateRoutes } from './routes/persona-state.ts';
import { pivotRoutes } from './routes/pivots.ts';
import { MOST_SIGNALS_BYTES, signalRoutes } from './routes/signals.ts';
import { syntheticRoutes } from './routes/synthetic.ts';
import { trainingRoutes } from './routes/training.ts';
import { trainingDataRoutes } from './routes/training-data.ts';
import { tripRoutes } from './routes/trips.ts';
import { userRoutes } from './routes/users.ts';

const API = '/api/v1';
const MOST_BODY_BYTES = 64 * 1024;

export const app = newRouter();

app.use(requestId());
app.use(modelVersionHeader);
app.onError(problemResponse);
app.notFound((c) => problemResponse(new Problem(404, 'no_such_route', `nothing is served at ${c.req.path}`), c));

const atMost = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem(413, 'body_too_large', `a body has at most ${maxSize} bytes`, {
        errors: [{ field: 'body', message: 'too large' }],
      });
    },
  });
const usual = atMost(MOST_BODY_BYTES);
const signals = atMost(MOST_SIGNALS_BYTES);
/** Has a limit of its own, once it is known who asks: until then nothing of the body is read. */
const MODEL_FILE_PATH = /^\/api\/v1\/admin\/models\/[^/]+\/versions\/[^/]+\/files\/[^/]+$/;
app.use(`${API}/*`, (c, next) => {
  if (MODEL_FILE_PATH.test(c.req.path)) return next();
  return (c.req.path === `${API}/signals` ? signals : usual)(c, next);
});
app.use(`${API}/*`, services);

app.route('/', healthRoutes);
app.route('/', liveRoutes);
for (const routes of [
  userRoutes,
  accountRoutes,
  cityRoutes,
  discoveryRoutes,
  tripRoutes,
  pivotRoutes,
  inviteRoutes,
  signalRoutes,
  adminRoutes,
  deadLetterRoutes,
  jobRoutes,
  trainingDataRoutes,
  trainingRoutes,
  modelRegistryRoutes,
  modelStatusRoutes,
  modelVersionRoutes,
  experimentRoutes,
  alertRoutes,
  personaStateRoutes,
  correctionSignalRoutes,
  syntheticRoutes,
  arbitrationRoutes,
]) {
  app.route(API, routes);
}

app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
});
app.doc31('/openapi.json', {
  openapi: '3.1.0',
  info: {
    title: 'Overplanned',
    version: '1',
    description:
      "Plans trips around venues that locals love. Every response carries `X-Model-Version`: what ranked it, or `none`. Errors are `application/problem+json` with a `code` and the `request_id`. What travels over the trips' sockets is described at [/asyncapi.json](/asyncapi.json).",
  },
});

app.get('/', (c) => c.redirect('/docs/'));
app.get('/docs', (c) => c.redirect('/docs/'));
app.get('/docs/*', async (c) => {
  const asset = await c.env.ASSETS.fetch(c.req.raw);
  // A copy: the headers of what another service answered cannot be added to.
  return new Response(asset.body, asset);
});
