/** Errors as clients see them: RFC 9457 problem details with a stable `code` and the request's id. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AppContext, AppEnv } from './app-env.ts';

export interface FieldProblem {
  /** Path into the body, or the name of the parameter or header. */
  field: string;
  message: string;
  /** The values that would have been understood. */
  known?: readonly string[];
}

/** Thrown by handlers; everything a client is to know stands in it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly errors: readonly FieldProblem[];
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    detail: string,
    more: { errors?: readonly FieldProblem[]; extra?: Record<string, unknown> } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = more.errors ?? [];
    this.extra = more.extra ?? {};
  }
}

/** A value that is well-formed and still cannot be. */
export function invalidField(field: string, code: string, message: string, known?: readonly string[]): Problem {
  return new Problem(422, code, message, { errors: [{ field, message, ...(known ? { known } : {}) }] });
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    request_id: z.string(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string(), known: z.array(z.string()).optional() }))
      .optional(),
  })
  .openapi('Problem');

/** The `responses` entries of a route that can fail. */
export function problemResponses(...statuses: number[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: 'Problem details', content: { 'application/problem+json': { schema: problemSchema } } },
    ]),
  );
}

function respond(c: AppContext, problem: Problem): Response {
  const { status, code, message, errors, extra } = problem;
  return c.json(
    {
      type: `urn:overplanned:problem:${code}`,
      title: code.replaceAll('_', ' '),
      status,
      code,
      detail: message,
      request_id: c.get('requestId') ?? '',
      ...(errors.length > 0 ? { errors } : {}),
      ...extra,
    },
    status,
    { 'content-type': 'application/problem+json' },
  );
}

/** What a schema had to object to, by field; an unknown field is named itself, not the object it stands in. */
export function fieldProblems(error: z.ZodError, at: string): FieldProblem[] {
  return error.issues.flatMap((issue): FieldProblem[] => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'unknown field' }));
    }
    return [{ field: path.join('.') || at, message: issue.message }];
  });
}

/** The `defaultHook` of every router: requests that their schema refuses. */
export const refuseInvalid: NonNullable<ConstructorParameters<typeof OpenAPIHono<AppEnv>>[0]>['defaultHook'] = (
  result,
) => {
  if (result.success) return;
  const errors = fieldProblems(result.error, result.target === 'json' ? 'body' : result.target);
  const fields = [...new Set(errors.map((error) => error.field))].join(', ');
  throw new Problem(400, 'invalid_request', `not a valid request: ${fields}`, { errors });
};

/** What the router says of bodies that never reach their schema. */
function bodyProblem({ status, message }: HTTPException): Problem {
  const told = (code: string, field: string) => {
    return new Problem(status as ContentfulStatusCode, code, message, { errors: [{ field, message }] });
  };
  if (status === 415) return told('not_json', 'content-type');
  if (status === 413) return told('body_too_large', 'body');
  return told(/json/i.test(message) ? 'malformed_json' : 'bad_request', 'body');
}

/** The one place where an error becomes a response. What is not a `Problem` is ours: logged, and told as nothing more. */
export function problemResponse(error: Error, c: AppContext): Response {
  if (error instanceof Problem) return respond(c, error);
  if (error instanceof HTTPException) return respond(c, bodyProblem(error));
  c.get('log')?.('unhandled_error', { error: String(error), stack: error.stack, cause: String(error.cause ?? '') });
  return respond(c, new Problem(500, 'internal_error', 'something went wrong on our side'));
}
