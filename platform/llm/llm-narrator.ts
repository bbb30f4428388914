/** The narrator where there is a language model: its text where the record bears it out, the offline narrator's where not. */
import { z } from 'zod';
import { parseAnswer } from '../../core/ranking/llm-ranking.ts';
import { RankerFailure, type RankerFailureCode } from '../../core/ranking/ranker.ts';
import { type NarrativeContext, narrate, OFFLINE_NARRATOR_VERSION } from '../../core/venue/narrative.ts';
import { statesOnlyFacts } from '../../core/venue/stated-facts.ts';
import type { Venue } from '../../core/venue/venue.ts';
import type { LlmSession } from './llm-session.ts';
import { HAIKU } from './models.ts';
import {
  NARRATIVE_ANSWER_SCHEMA,
  NARRATIVE_PROMPT_VERSION,
  NARRATIVE_SYSTEM_PROMPT,
  slotLine,
} from './narrative-prompt.ts';

export const LLM_NARRATOR_VERSION = `llm-narrator@${HAIKU.label}.${NARRATIVE_PROMPT_VERSION}`;

/** More slots than this would not be written in the time that a traveller waits: the rest is narrated offline. */
export const MOST_NARRATED = 24;
const TOKENS_PER_SLOT = 90;

export interface SlotToNarrate {
  venue: Venue;
  context: NarrativeContext;
}

export interface SlotNarrative {
  text: string;
  /** `name@version` of who wrote it. */
  narratorVersion: string;
}

export interface TripNarratives {
  /** One for each slot, in the same order. */
  narratives: SlotNarrative[];
  /** Texts that the model wrote and the record did not bear out. */
  refused: number;
  /** Why the model wrote nothing; null where it answered. */
  failure: RankerFailureCode | null;
}

export function narrateOffline(slots: readonly SlotToNarrate[]): SlotNarrative[] {
  return slots.map(({ venue, context }) => ({
    text: narrate(venue, context),
    narratorVersion: OFFLINE_NARRATOR_VERSION,
  }));
}

const answerShape = z.object({ narratives: z.array(z.object({ slot: z.int(), text: z.string() })) });

/** Slot number to text, the first of each number. */
function readNarratives(text: string): Map<number, string> {
  const answer = answerShape.safeParse(parseAnswer(text));
  if (!answer.success) throw new RankerFailure('malformed', `the answer holds no narratives: ${answer.error.message}`);
  return new Map(answer.data.narratives.map(({ slot, text }) => [slot, text] as const).reverse());
}

/** One call for all slots of a trip. Never throws a `RankerFailure`: without the model, every text is the offline one. */
export async function narrateTrip(session: LlmSession, slots: readonly SlotToNarrate[]): Promise<TripNarratives> {
  const narratives = narrateOffline(slots);
  const asked = slots.slice(0, MOST_NARRATED);
  if (asked.length === 0) return { narratives, refused: 0, failure: null };

  let written: Map<number, string>;
  try {
    const lines = asked.map(({ venue, context }, slot) => slotLine(slot, venue, context)).join('\n');
    written = await session.ask(
      {
        path: 'narrate',
        system: NARRATIVE_SYSTEM_PROMPT,
        content: [{ text: `<slots>\n${lines}\n</slots>` }],
        schema: NARRATIVE_ANSWER_SCHEMA,
        maxTokens: asked.length * TOKENS_PER_SLOT + 100,
      },
      readNarratives,
    );
  } catch (error) {
    if (!(error instanceof RankerFailure)) throw error;
    return { narratives, refused: 0, failure: error.code };
  }

  let refused = 0;
  asked.forEach(({ venue, context }, slot) => {
    const text = written.get(slot)?.trim();
    if (text === undefined) return;
    if (statesOnlyFacts(text, venue, context)) narratives[slot] = { text, narratorVersion: LLM_NARRATOR_VERSION };
    else refused += 1;
  });
  if (refused > 0) session.log('llm_narratives_refused', { refused, of: asked.length });
  return { narratives, refused, failure: null };
}
