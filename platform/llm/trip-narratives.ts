/** The texts of a trip's slots: cached by venue where a language model wrote them, which then is asked only once. */
import { OFFLINE_NARRATOR_VERSION } from '../../core/venue/narrative.ts';
import {
  LLM_NARRATOR_VERSION,
  narrateOffline,
  narrateTrip,
  type SlotNarrative,
  type SlotToNarrate,
} from './llm-narrator.ts';
import type { LlmSession } from './llm-session.ts';

const KEPT_SECONDS = 14 * 24 * 3600;
const KEYS_A_READ = 100;

/** `narrative/<narrator>/<venue>/<version of its record>/<day part>/<role>` */
export function narrativeCacheKey({ venue, context }: SlotToNarrate): string {
  return ['narrative', LLM_NARRATOR_VERSION, venue.id, venue.version, context.dayPart, context.role].join('/');
}

export interface Narration {
  /** One a slot, in their order. */
  narratives: SlotNarrative[];
  writes: () => Promise<void>;
}

/** Without a session: the offline narrator, and nothing is cached. */
export async function tripNarratives(
  session: LlmSession | null,
  kv: KVNamespace,
  slots: readonly SlotToNarrate[],
): Promise<Narration> {
  if (!session) return { narratives: narrateOffline(slots), writes: async () => {} };

  const keys = slots.map(narrativeCacheKey);
  const cached = new Map<string, string>();
  for (let at = 0; at < keys.length; at += KEYS_A_READ) {
    for (const [key, text] of await kv.get(keys.slice(at, at + KEYS_A_READ))) if (text !== null) cached.set(key, text);
  }
  const missing = slots.filter((_, i) => !cached.has(keys[i]!));
  const { narratives } = await narrateTrip(session, missing);
  const written = new Map(missing.map((slot, i) => [slot, narratives[i]!]));
  return {
    narratives: slots.map((slot, i) => {
      const text = cached.get(keys[i]!);
      return text === undefined ? written.get(slot)! : { text, narratorVersion: LLM_NARRATOR_VERSION };
    }),
    writes: async () => {
      await Promise.all(
        [...written]
          .filter(([, narrative]) => narrative.narratorVersion !== OFFLINE_NARRATOR_VERSION)
          .map(([slot, { text }]) => kv.put(narrativeCacheKey(slot), text, { expirationTtl: KEPT_SECONDS })),
      );
    },
  };
}
