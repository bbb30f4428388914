/** Whatever may go wrong with a call to the Messages API, as one of the reasons to serve the offline answer. */
import Anthropic from '@anthropic-ai/sdk';
import { RankerFailure } from '../../core/ranking/ranker.ts';

const { APIConnectionTimeoutError, APIError, APIUserAbortError } = Anthropic;

/** One attempt's failure, with what the session needs to decide on another. */
export interface AttemptFailure {
  failure: RankerFailure;
  /** Whether the same request may fare better later. */
  passing: boolean;
  /** How long the API asks to wait, milliseconds; null where it does not say. */
  retryAfterMs: number | null;
}

function retryAfterMs(headers: Headers | undefined): number | null {
  const ms = headers?.get('retry-after-ms') ?? null;
  const seconds = headers?.get('retry-after') ?? null;
  const wait = ms !== null ? Number(ms) : seconds !== null ? Number(seconds) * 1000 : Number.NaN;
  return wait >= 0 ? wait : null;
}

/** `deadline` is the signal that ended the call, if it was ended: then it is a timeout, whatever the error looks like. */
export function toAttemptFailure(error: unknown, deadline: AbortSignal): AttemptFailure {
  const of = (code: RankerFailure['code'], message: string, passing = false): AttemptFailure => ({
    failure: new RankerFailure(code, message, { cause: error }),
    passing,
    retryAfterMs: error instanceof APIError ? retryAfterMs(error.headers) : null,
  });

  if (error instanceof RankerFailure) return { failure: error, passing: false, retryAfterMs: null };
  if (deadline.aborted || error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError) {
    return of('timeout', 'the language model did not answer in time');
  }
  // A body that claims to be JSON and is not.
  if (error instanceof SyntaxError) return of('malformed', 'the language model answered with no JSON');
  if (!(error instanceof APIError)) return of('unavailable', 'the call to the language model failed');

  const { status } = error;
  const told = error.headers?.get('x-should-retry');
  const passing = told === 'true' || (told !== 'false' && (!(status < 500) || status === 408 || status === 429));
  if (status === 429) return of('rate_limited', error.message, passing);
  if (status === 529 || error.type === 'overloaded_error') return of('overloaded', error.message, passing);
  return of('unavailable', error.message, passing);
}
