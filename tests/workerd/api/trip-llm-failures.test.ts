/** Whatever the language model does, the trip is served; answer, log and ranking events say who ranked it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Behaviour } from '../../stand-ins/messages-api.ts';
import { offeredIds } from '../../stand-ins/messages-api-answers.ts';
import { copyOfCity, type TestCity } from './cities.ts';
import { call, type Guest, inDays, newGuest, type Overrides } from './client.ts';
import { startMessagesApi } from './stand-ins.ts';
import { loggedRankings, usageOf } from './stored.ts';
import { tokenOf } from './tokens.ts';
import { slotsOf, type TripShape, tripShape } from './trip-shape.ts';

const OFFLINE = 'offline-ranker@1,personal-rescore@1';
const messages = await startMessagesApi();
const noJobs = { JOBS: { sendBatch: async () => {} } as unknown as Queue };

let city: TestCity;
let guest: Guest;
beforeEach(async () => {
  city = await copyOfCity('mexico-city');
  guest = await newGuest();
});
afterEach(() => vi.restoreAllMocks());

async function plan(overrides: Overrides = {}, json: object = {}) {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const made = await call('POST', '/trips', {
    token: guest.token,
    json: { city: city.slug, start_date: inDays(), days: 1, ...json },
    env: { ...messages.env, ...noJobs, ...overrides },
  });
  const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
  log.mockRestore();
  expect(made.status, made.text).toBe(201);
  return { trip: tripShape.parse(made.body), headers: made.headers, lines };
}

function expectWhole(trip: TripShape) {
  for (const { slots } of trip.days) expect(slots.length).toBeGreaterThanOrEqual(3);
}

const limited: Behaviour = { kind: 'status', status: 429, headers: { 'retry-after': '0' } };
const overloaded: Behaviour = { kind: 'status', status: 529, headers: { 'retry-after': '0' } };
const ranked = (...items: unknown[]): Behaviour => ({ kind: 'json', value: { ranked: items, confidence: 1 } });

describe('a model that', () => {
  it.each<[string, Behaviour, string, Overrides?]>([
    ['answers 429', limited, 'rate_limited'],
    ['answers 529', overloaded, 'overloaded'],
    ['answers 500', { kind: 'status', status: 500, headers: { 'retry-after': '0' } }, 'unavailable'],
    ['refuses the key', { kind: 'status', status: 401 }, 'unavailable'],
    ['never answers', { kind: 'hang' }, 'timeout', { LLM_DEADLINE_MS: '300' }],
    ['stops in the middle of its answer', { kind: 'stall' }, 'timeout', { LLM_DEADLINE_MS: '300' }],
    ['breaks the connection', { kind: 'reset' }, 'unavailable', { LLM_DEADLINE_MS: '2000' }],
    ['answers with no message', { kind: 'not_json' }, 'malformed'],
    ['answers prose', { kind: 'text', text: 'I would start with the market.' }, 'malformed'],
    ['answers another object', { kind: 'json', value: { answer: 42 } }, 'malformed'],
    ['is cut short', { kind: 'max_tokens' }, 'malformed'],
    ['refuses', { kind: 'refusal' }, 'refused'],
    ['names only what was not offered', ranked({ i: 9999, c: 1 }, { i: -1, c: 1 }, { i: 1e9, c: 1 }), 'malformed'],
    ['names places by text', ranked({ i: '0', c: 1 }, { i: 'DROP TABLE', c: 1 }, { id: 3 }), 'malformed'],
    ['names one place over and over', ranked(...Array(30).fill({ i: 0, c: 1 })), 'malformed'],
    ['is surer than one can be', ranked({ i: 0, c: 7 }, { i: 1, c: -1 }, { i: 2, c: 1e9 }), 'malformed'],
    ['names nothing', ranked(), 'malformed'],
  ])('%s: the offline ranker serves, and says why', async (_, behaviour, reason, overrides) => {
    await messages.play([], behaviour);
    const { trip, headers, lines } = await plan(overrides);
    expectWhole(trip);
    expect(trip.ranking).toEqual({
      source: 'offline',
      model_version: OFFLINE,
      cache: 'miss',
      fallback: 'offline',
      fallback_reason: `llm_${reason}`,
    });
    expect(headers.get('x-model-version')).toBe(OFFLINE);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'llm_ranking_fell_back', reason, request_id: headers.get('x-request-id') }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'trip_planned', fallback: 'offline', fallback_reason: `llm_${reason}` }),
    );
    const { events, set } = await loggedRankings(trip.id);
    expect(events).toHaveLength(3);
    for (const event of events) {
      expect(event).toMatchObject({
        source: 'offline',
        modelVersion: OFFLINE,
        fallback: 'offline',
        fallbackReason: `llm_${reason}`,
      });
    }
    for (const { venue } of slotsOf(trip)) expect(set.venue_ids).toContain(venue.id);
    const usage = await usageOf(headers.get('x-request-id') ?? '');
    expect(usage.length).toBeGreaterThan(0);
    expect(usage.filter(({ path }) => path === 'rank').every(({ outcome }) => outcome === reason)).toBe(true);

    // Nothing of it is kept: the next request asks the model again.
    await messages.play([]);
    expect((await plan()).trip.ranking).toMatchObject({ source: 'llm', cache: 'miss', fallback: null });
  });

  it('fails once and then answers, has ranked: the call is made again', async () => {
    await messages.play([limited, overloaded]);
    const { trip, headers } = await plan();
    expect(trip.ranking).toMatchObject({ source: 'llm', fallback: null });
    const outcomes = (await usageOf(headers.get('x-request-id') ?? '')).map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual(['ok', 'ok', 'ok', 'ok', 'overloaded', 'rate_limited']);
  });

  it('fails for one moment only, has ranked the others, and the answer says that both had a part', async () => {
    await messages.play([{ kind: 'refusal' }]);
    const { trip } = await plan();
    expect(trip.ranking).toMatchObject({ source: 'mixed', fallback: 'offline', fallback_reason: 'llm_refused' });
    expect(trip.ranking.model_version.split(',')).toHaveLength(3);
    const { events } = await loggedRankings(trip.id);
    expect(events.map(({ source, fallbackReason }) => [source, fallbackReason]).sort()).toEqual([
      ['llm', null],
      ['llm', null],
      ['offline', 'llm_refused'],
    ]);
  });

  it('slips what was not offered among what was, has its list cleaned: only offered places appear', async () => {
    await messages.play([], { kind: 'good' });
    await plan();
    const { requests } = await messages.recording();
    const offered = offeredIds(requests[0]?.body as never);
    expect(offered.length).toBeGreaterThan(60);
    const items = [...offered.slice(0, 5).map((i) => ({ i, c: 0.9 })), { i: 9999, c: 1 }, { i: 'x', c: 1 }];
    city = await copyOfCity('mexico-city');
    await messages.play([], ranked(...items));
    const { trip } = await plan();
    expect(trip.ranking.source).toBe('llm');
    const { set } = await loggedRankings(trip.id);
    for (const { venue } of slotsOf(trip)) expect(set.venue_ids).toContain(venue.id);
  });

  it('never answers, holds nobody up longer than the deadline of the whole trip', async () => {
    await messages.play([], { kind: 'hang' });
    const { trip, headers } = await plan({ LLM_DEADLINE_MS: '300' }, { days: 7 });
    expect(trip.days).toHaveLength(7);
    const usage = await usageOf(headers.get('x-request-id') ?? '');
    // Four at once, and no round after the first.
    expect(usage.map(({ outcome }) => outcome)).toEqual(Array(4).fill('timeout'));
  });
});

describe('the daily cap', () => {
  it('that is reached sends the trip to the offline ranker, without a call', async () => {
    await messages.play([]);
    const { trip } = await plan({ LLM_DAILY_CAP_USD: '0' });
    expect(trip.ranking).toMatchObject({ source: 'offline', fallback: 'offline', fallback_reason: 'llm_over_budget' });
    expect((await messages.recording()).requests).toHaveLength(0);
    const token = await tokenOf('operator', { claims: { role: 'admin' } });
    expect((await call('GET', '/admin/llm-spend', { token })).body.refused_calls).toBeGreaterThan(0);
  });

  it('is not passed by the calls of one trip together', async () => {
    const token = await tokenOf('operator', { claims: { role: 'admin' } });
    const spent = async () => (await call('GET', '/admin/llm-spend', { token })).body.spent_micro_usd as number;
    const cap = (await spent()) + 40_000;
    await messages.play([]);
    const { trip } = await plan({ LLM_DAILY_CAP_USD: String(cap / 1e6) }, { days: 5 });
    const { requests } = await messages.recording();
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.length).toBeLessThan(15);
    expect(trip.ranking).toMatchObject({ source: 'mixed', fallback: 'offline', fallback_reason: 'llm_over_budget' });
    expect(await spent()).toBeLessThanOrEqual(cap);
  });
});
