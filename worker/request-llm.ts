/** The language model for one request of the edge; null without a key. */
import { v7 as uuidv7 } from 'uuid';
import { LLM_BUDGET_NAME } from '../durable-objects/llm-budget.ts';
import type { LlmSession } from '../platform/llm/llm-session.ts';
import { openLlmSession } from '../platform/llm/open-llm.ts';
import type { AppContext } from './app-env.ts';

/** `tripId`: what its calls are metered for; null where there is no trip. */
export function requestLlm(c: AppContext, tripId: string | null): LlmSession | null {
  const { settings, requestId, log } = c.var;
  return openLlmSession(settings, c.env.LLM_BUDGET.getByName(LLM_BUDGET_NAME), {
    requestId,
    tripId,
    now: Date.now,
    random: Math.random,
    newId: uuidv7,
    log,
  });
}
