/** The language model for one request; null without a key. */
import type { Settings } from '../settings.ts';
import { createLlmClient } from './client.ts';
import { LlmSession, type LlmSessionOptions } from './llm-session.ts';
import { budgetGate, type SpendLedger } from './spend-gate.ts';

type RequestScope = Pick<LlmSessionOptions, 'model' | 'requestId' | 'tripId' | 'now' | 'random' | 'newId' | 'log'>;

export function openLlmSession(settings: Settings, ledger: SpendLedger, scope: RequestScope): LlmSession | null {
  const { apiKey, baseUrl, dailyCapMicroUsd, deadlineMs } = settings.llm;
  if (!apiKey) return null;
  return new LlmSession({
    ...scope,
    deadlineMs,
    client: createLlmClient({ apiKey, ...(baseUrl ? { baseUrl } : {}), fetch }),
    gate: budgetGate(ledger, { capMicroUsd: dailyCapMicroUsd, now: scope.now() }),
  });
}
