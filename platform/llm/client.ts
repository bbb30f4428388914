/** The Messages API client. Made for each request: a socket belongs to the request that opened it. */
import Anthropic from '@anthropic-ai/sdk';

export interface LlmClientOptions {
  apiKey: string;
  /** Without a trailing `/v1`. Default: Anthropic's. */
  baseUrl?: string;
  fetch: typeof fetch;
}

export type LlmClient = Pick<Anthropic, 'messages'>;

/** Retries are the session's, which knows how much time is left; so the client makes none. */
export function createLlmClient({ apiKey, baseUrl = 'https://api.anthropic.com', fetch }: LlmClientOptions): LlmClient {
  return new Anthropic({
    apiKey,
    baseURL: baseUrl,
    fetch,
    maxRetries: 0,
    logLevel: 'off',
    openTelemetry: false,
  });
}
