/** The texts of a trip's slots: cached by venue where a language model wrote them, which then is asked only once. */
import {
  LLM_NARRATOR_VERSION,
  MOST_NARRATED,
  narrateOffline,
  narrateTrip,
  type SlotNarrative,
  type SlotToNarrate,
} from './llm-narrator.ts';
import type { LlmSession } from './llm-session.ts';

const KEPT_SECONDS = 14 * 24 * 3600;
const KEYS_A_READ = 100;
/** Cached where the model was asked and its text was none that the record bears out: it is not asked again. */
const NOT_BORNE_OUT = '';

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

  // The same slots each time, so that a trip that was narrated once asks for nothing more.
  const asked = slots.slice(0, MOST_NARRATED);
  const keys = asked.map(narrativeCacheKey);
  const cached = new Map<string, string>();
  for (let at = 0; at < keys.length; at += KEYS_A_READ) {
    for (const [key, text] of await kv.get(keys.slice(at, at + KEYS_A_READ))) if (text !== null) cached.set(key, text);
  }
  const missing = asked.filter((_, i) => !cached.has(keys[i]!));
  const { narratives, failure } = await narrateTrip(session, missing);
  const written = new Map(missing.map((slot, i) => [slot, narratives[i]!]));
  const offline = narrateOffline(slots);
  return {
    narratives: slots.map((slot, i) => {
      const text = cached.get(keys[i] ?? '');
      return text ? { text, narratorVersion: LLM_NARRATOR_VERSION } : (written.get(slot) ?? offline[i]!);
    }),
    writes: async () => {
      if (failure) return;
      await Promise.all(
        [...written].map(([slot, { text, narratorVersion }]) =>
          kv.put(narrativeCacheKey(slot), narratorVersion === LLM_NARRATOR_VERSION ? text : NOT_BORNE_OUT, {
            expirationTtl: KEPT_SECONDS,
          }),
        ),
      );
    },
  };
}
