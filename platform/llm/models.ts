/** The language models that the product calls, and what their tokens cost. The only place that names either. */

export interface LlmModel {
  /** As the Messages API knows it. */
  id: string;
  /** As `model_version` names it. */
  label: string;
  /** US dollars per million tokens, which is millionths of a dollar per token. */
  price: { input: number; output: number; cacheWrite: number; cacheRead: number };
}

/** Invariant 3: the model of every production path. Cache writes are those of the five-minute cache. */
export const HAIKU: LlmModel = {
  id: 'claude-haiku-4-5-20251001',
  label: 'haiku-4.5',
  price: { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.1 },
};

/** For the simulation, and for whom the operator names it: no production path calls it. */
export const SONNET: LlmModel = {
  id: 'claude-sonnet-4-5-20250929',
  label: 'sonnet-4.5',
  price: { input: 3, output: 15, cacheWrite: 3.75, cacheRead: 0.3 },
};
