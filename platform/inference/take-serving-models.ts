/** The models of this isolate, for one request. */
import { IsolateModels } from './isolate-models.ts';
import type { ServingContext, ServingModels } from './serving-models.ts';

/** Sessions, and what the registry said: what they hold belongs to no request. */
const isolate = new IsolateModels();

/**
 * The registry is read when an isolate first asks, and then every few seconds after a response. Never rejects.
 * @param refresh reads it now, before the answer
 */
export function takeServingModels(
  context: ServingContext,
  options: { refresh?: boolean } = {},
): Promise<ServingModels> {
  return isolate.take(context, options);
}
