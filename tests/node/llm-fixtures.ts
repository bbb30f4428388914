/** Venues, a traveller and a session for the tests of the language model. */
import { personaFromTags } from '../../core/persona/persona.ts';
import { RankerFailure, type RankingRequest } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { CATEGORY_NAMES, VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';
import { createLlmClient } from '../../platform/llm/client.ts';
import { LlmSession, type LlmSessionOptions } from '../../platform/llm/llm-session.ts';
import type { SpendGate } from '../../platform/llm/spend-gate.ts';

export function venue(fields: Partial<Venue> = {}): Venue {
  return {
    id: '0197a000-0000-7000-8000-000000000000',
    slug: 'elliott-bay-book-company',
    name: 'Elliott Bay Book Company',
    category: 'bookshop',
    neighbourhood: 'Capitol Hill',
    location: { lat: 47.61, lng: -122.32 },
    priceLevel: 1,
    hours: null,
    meals: [],
    setting: 'indoor',
    visitMinutes: 60,
    energy: 0.2,
    vibeTags: ['literary', 'indie', 'cosy'],
    touristScore: 0.3,
    localScore: 0.7,
    crossRefConfidence: 0.6,
    overrated: false,
    source: 'catalogue',
    firstSeenAt: '1973-01-01',
    closedAt: null,
    version: 1,
    ...fields,
  };
}

/** `count` different venues. */
export function venues(count: number): Venue[] {
  return Array.from({ length: count }, (_, i) =>
    venue({
      id: `0197a000-0000-7000-8000-${String(i).padStart(12, '0')}`,
      slug: `venue-${i}`,
      name: `Venue Number ${i} of the Long Street`,
      category: CATEGORY_NAMES[i % CATEGORY_NAMES.length]!,
      vibeTags: [0, 1, 2].map((step) => VIBE_TAG_NAMES[(i * 7 + step) % VIBE_TAG_NAMES.length]!),
      priceLevel: i % 5,
    }),
  );
}

export function rankingRequest(fields: Partial<RankingRequest> = {}): RankingRequest {
  return {
    cityName: 'Seattle',
    persona: personaFromTags({}),
    candidates: venues(40),
    context: { dayPart: 'morning', tripDay: 1, partyKind: 'couple', partySize: 2, budgetBand: 'mid' },
    ...fields,
  };
}

/** A gate that keeps its books in memory, where the promise under test is not the gate's. */
export function memoryGate(capMicroUsd = 5_000_000): SpendGate & { spent: number; reserved: number[] } {
  const gate = {
    spent: 0,
    reserved: [] as number[],
    async reserve(microUsd: number) {
      if (gate.spent + microUsd > capMicroUsd) return false;
      gate.spent += microUsd;
      gate.reserved.push(microUsd);
      return true;
    },
    async settle(reserved: number, actual: number) {
      gate.spent += actual - reserved;
    },
  };
  return gate;
}

export function session(baseUrl: string, fields: Partial<LlmSessionOptions> = {}) {
  const events: { event: string; fields: Record<string, unknown> }[] = [];
  let serial = 0;
  const gate = memoryGate();
  const made = new LlmSession({
    client: createLlmClient({ apiKey: 'sk-test', baseUrl, fetch }),
    gate,
    deadlineMs: 20_000,
    now: Date.now,
    random: () => 0,
    newId: () => `usage-${serial++}`,
    requestId: 'request-1',
    tripId: 'trip-1',
    log: (event, fields) => events.push({ event, fields }),
    ...fields,
  });
  return { session: made, gate, events };
}

/** The code that a call failed with; throws where it did not fail, or not with a `RankerFailure`. */
export async function failureCode(call: Promise<unknown>): Promise<RankerFailure['code']> {
  const error = await call.then(
    () => new Error('the call did not fail'),
    (error: unknown) => error,
  );
  if (error instanceof RankerFailure) return error.code;
  throw error;
}
