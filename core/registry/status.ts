/** What a version of a model may do, and how it comes to do more or less. */

export const MODEL_STATUSES = ['registered', 'shadow', 'canary', 'production', 'retired'] as const;
export type ModelStatus = (typeof MODEL_STATUSES)[number];

/** A version that the Worker has at hand: it serves all, a part of the travellers, or nobody yet. */
export interface ServingVersion {
  name: string;
  version: string;
  status: 'production' | 'canary' | 'shadow';
  /** Of the version's folder in the store of artifacts; null where a model has no files, as an LLM. */
  artifactPath: string | null;
}
