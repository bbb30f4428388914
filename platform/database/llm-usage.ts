/** What the language model was asked and what it cost. */
import type { LlmUsageRecord } from '../llm/usage.ts';
import type { Queries } from './client.ts';
import { llmUsage } from './schema/index.ts';

/** By id: writing the same records again changes nothing. */
export async function insertLlmUsage(database: Queries, records: readonly LlmUsageRecord[]): Promise<void> {
  if (records.length > 0)
    await database
      .insert(llmUsage)
      .values([...records])
      .onConflictDoNothing();
}
