/** One call to a provider outside: JSON comes back in time, or the reason why not. */

/** `rejected`: any other status than 200 and 429. */
export type CallFailureCode = 'timeout' | 'unreachable' | 'rate_limited' | 'rejected';

export interface ProviderCall {
  url: string | URL;
  init?: RequestInit;
  /** For the whole answer. */
  timeoutMs: number;
  fetch: typeof fetch;
  /** What to throw; `what` goes on after the provider's name: "cannot be reached". */
  failure: (code: CallFailureCode, what: string, options?: ErrorOptions) => Error;
}

/** Never repeated. Undefined where the answer is no JSON. Rejects with what `failure` makes. */
export async function callProvider({ url, init, timeoutMs, fetch, failure }: ProviderCall): Promise<unknown> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    status = response.status;
    text = await response.text();
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'TimeoutError') {
      throw failure('timeout', `took more than ${timeoutMs} ms`, { cause });
    }
    throw failure('unreachable', 'cannot be reached', { cause });
  }
  if (status === 429) throw failure('rate_limited', 'is asked too often');
  if (status !== 200) throw failure('rejected', `answered ${status}`);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
