/** A request that is refused says which field is at fault, and leaves nothing behind. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addDays, dateIn } from '../../../core/itinerary/local-time.ts';
import { type Answer, type Call, call, inDays, newGuest } from './client.ts';
import { rowsOf } from './stored.ts';

const guest = await newGuest();
const good = { city: 'seattle', start_date: inDays(), days: 2 };

afterEach(() => vi.useRealTimers());

const fieldsOf = (answer: Answer): string[] => answer.body.errors.map((error: { field: string }) => error.field);

/** The answer, once it is seen to be a refusal in due form. */
function refusal(answer: Answer, code: string): Answer {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('x-model-version')).toBe('none');
  expect(answer.body).toMatchObject({ code, status: answer.status, request_id: expect.stringMatching(/\S/) });
  expect(answer.headers.get('x-request-id')).toBe(answer.body.request_id);
  return answer;
}

async function refused(options: Call, code: string): Promise<Answer> {
  const before = await rowsOf(guest.id);
  const answer = await call('POST', '/trips', { token: guest.token, ...options });
  expect(await rowsOf(guest.id)).toEqual(before);
  return refusal(answer, code);
}

describe('a trip is refused', () => {
  it.each<[string, object, string, string]>([
    ['an unknown city', { ...good, city: 'atlantis' }, 'unknown_city', 'city'],
    ['no city', { start_date: good.start_date, days: 2 }, 'invalid_request', 'city'],
    ['a city that is no text', { ...good, city: 7 }, 'invalid_request', 'city'],
    ['no start', { city: 'seattle', days: 2 }, 'invalid_request', 'start_date'],
    ['a start in the past', { ...good, start_date: inDays(-2) }, 'start_date_in_past', 'start_date'],
    ['a start that is no date', { ...good, start_date: '2026-02-30' }, 'invalid_request', 'start_date'],
    ['a start with a time', { ...good, start_date: `${inDays()}T00:00` }, 'invalid_request', 'start_date'],
    ['a start years away', { ...good, start_date: inDays(3000) }, 'start_date_too_far', 'start_date'],
    ['reversed dates', { city: 'seattle', start_date: inDays(), end_date: inDays(13) }, 'dates_reversed', 'end_date'],
    ['31 days', { ...good, days: 31 }, 'invalid_request', 'days'],
    ['31 days by dates', { city: 'seattle', start_date: inDays(), end_date: inDays(44) }, 'trip_too_long', 'end_date'],
    ['no day', { ...good, days: 0 }, 'invalid_request', 'days'],
    ['half a day', { ...good, days: 1.5 }, 'invalid_request', 'days'],
    ['days and an end', { ...good, end_date: inDays(15) }, 'invalid_request', 'days'],
    ['neither days nor an end', { city: 'seattle', start_date: inDays() }, 'invalid_request', 'days'],
    ['an empty party', { ...good, party: {} }, 'invalid_request', 'party.size'],
    ['a party of nobody', { ...good, party: { size: 0 } }, 'invalid_request', 'party.size'],
    ['a party that is nothing', { ...good, party: null }, 'invalid_request', 'party'],
    ['a party that contradicts itself', { ...good, party: { size: 3, kind: 'solo' } }, 'invalid_request', 'party.kind'],
    ['an unknown kind of party', { ...good, party: { size: 3, kind: 'mob' } }, 'invalid_request', 'party.kind'],
    ['an unknown field', { ...good, hotel: 'Ritz' }, 'invalid_request', 'hotel'],
    ['an unknown field within', { ...good, party: { size: 2, dogs: 1 } }, 'invalid_request', 'party.dogs'],
    ['an unknown budget', { ...good, budget: 'none' }, 'invalid_request', 'budget'],
    ['an unknown neighbourhood', { ...good, start_area: 'Montmartre' }, 'unknown_neighbourhood', 'start_area'],
    ['a start outside the city', { ...good, start_area: { lat: 35.6, lng: 139.7 } }, 'outside_city', 'start_area'],
    ['a body that is a list', [good], 'invalid_request', 'body'],
  ])('with %s', async (_, json, code, field) => {
    expect(fieldsOf(await refused({ json }, code))).toContain(field);
  });

  it('with malformed JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const body of ['{"city": "seattle",', 'city=seattle', '']) {
      expect(fieldsOf(await refused({ body, headers }, 'malformed_json'))).toEqual(['body']);
    }
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', undefined])('as %s, which is no JSON', async (type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const body = new TextEncoder().encode(JSON.stringify(good));
    const answer = await refused({ body, headers }, 'not_json');
    expect(answer.status).toBe(415);
    expect(fieldsOf(answer)).toEqual(['content-type']);
  });

  it('with a body over 64 KiB, whether its length is told or not', async () => {
    const text = JSON.stringify({ ...good, city: 'x'.repeat(64 * 1024) });
    const stream = () => new Blob([text]).stream();
    for (const body of [text, stream()]) {
      const answer = await refused({ body, headers: { 'content-type': 'application/json' } }, 'body_too_large');
      expect(answer.status).toBe(413);
      expect(fieldsOf(answer)).toEqual(['body']);
    }
  });

  it('with the known cities and neighbourhoods, where there would be one', async () => {
    const city = await refused({ json: { ...good, city: 'atlantis' } }, 'unknown_city');
    expect(city.body.errors[0].known).toEqual(expect.arrayContaining(['seattle', 'tokyo']));
    const area = await refused({ json: { ...good, start_area: 'Montmartre' } }, 'unknown_neighbourhood');
    expect(area.body.errors[0].known).toEqual(expect.arrayContaining(['Ballard']));
  });
});

describe("today is the city's own", () => {
  const start = Date.parse(`${inDays(3)}T16:30:00Z`);

  it('a date that is over in Tokyo is still to come in Seattle', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    const { token } = await newGuest();
    const [tokyo, seattle] = [dateIn('Asia/Tokyo', start), dateIn('America/Los_Angeles', start)];
    expect(tokyo).toBe(addDays(seattle, 1));
    const plan = (city: string, start_date: string) =>
      call('POST', '/trips', { token, json: { city, start_date, days: 1 } });
    const over = await plan('tokyo', seattle);
    expect(fieldsOf(refusal(over, 'start_date_in_past'))).toEqual(['start_date']);
    expect(over.body.detail).toContain(tokyo);
    expect((await plan('seattle', seattle)).status).toBe(201);
    expect((await plan('tokyo', tokyo)).status).toBe(201);
    expect((await plan('seattle', addDays(seattle, -1))).status).toBe(422);
  });

  it('and what of it has passed is not planned any more', async () => {
    // 13:00 in Seattle.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(`${inDays(3)}T21:00:00Z`) });
    const { token } = await newGuest();
    const { body, status } = await call('POST', '/trips', {
      token,
      json: { city: 'seattle', start_date: dateIn('America/Los_Angeles', Date.now()), days: 1 },
    });
    expect(status).toBe(201);
    expect(body.days[0].slots.length).toBeGreaterThan(0);
    for (const slot of body.days[0].slots) expect(Date.parse(slot.starts_at)).toBeGreaterThan(Date.now());
  });
});

describe('an id that is no UUID', () => {
  const nil = '00000000-0000-4000-8000-000000000000';
  const dashes = '-'.repeat(36);
  it.each<[string, string, string, unknown?]>([
    ['GET', '/trips/seattle', 'id'],
    ['GET', `/trips/${dashes}.ics`, 'id'],
    ['GET', `/trips/${dashes}.geojson`, 'id'],
    ['GET', '/trips/seattle.ics', 'id'],
    ['PATCH', '/trips/seattle', 'id', { status: 'active' }],
    ['DELETE', '/trips/seattle', 'id'],
    ['PATCH', `/trips/${nil}/slots/lunch`, 'slot_id', { action: 'skip' }],
    ['PATCH', `/trips/${nil}/slots/${nil}`, 'venue_id', { action: 'swap', venue_id: 'cafe' }],
  ])('in %s %s is refused by name', async (method, path, field, json) => {
    const answer = refusal(await call(method, path, { token: guest.token, json }), 'invalid_request');
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual([field]);
  });
});

describe('a change is refused', async () => {
  const { body: trip } = await call('POST', '/trips', { token: guest.token, json: good });
  const slot = `/trips/${trip.id}/slots/${trip.days[0].slots[0].id}`;
  const whole = `/trips/${trip.id}`;

  it.each<[string, string, unknown, string, string]>([
    ['an unknown field', whole, { name: 'Honeymoon' }, 'invalid_request', 'name'],
    ['an unknown field within', whole, { party: { size: 2, dogs: 1 } }, 'invalid_request', 'party.dogs'],
    ['nothing to change', whole, {}, 'invalid_request', 'body'],
    ['a party of nobody', whole, { party: { size: 0 } }, 'invalid_request', 'party.size'],
    ['an unknown status', whole, { status: 'lost' }, 'invalid_request', 'status'],
    ['a status that does not follow', whole, { status: 'completed' }, 'status_not_allowed', 'status'],
    ['a later end', whole, { end_date: inDays(20) }, 'end_date_not_shorter', 'end_date'],
    ['an end before the start', whole, { end_date: inDays(13) }, 'end_date_not_shorter', 'end_date'],
    ['an unknown action', slot, { action: 'dance' }, 'invalid_request', 'action'],
    ['a venue where none is taken', slot, { action: 'skip', venue_id: trip.id }, 'invalid_request', 'venue_id'],
    ['a venue that there is not', slot, { action: 'swap', venue_id: trip.id }, 'venue_not_found', 'venue_id'],
  ])('with %s', async (_, path, json, code, field) => {
    const answer = await call('PATCH', path, { token: guest.token, json });
    expect(fieldsOf(refusal(answer, code))).toContain(field);
    expect((await call('GET', whole, { token: guest.token })).body).toEqual(trip);
  });
});

it('a route that there is not is 404 as a problem, with the headers of every answer', async () => {
  for (const path of ['/nothing', '//nothing', '/trips/a/b/c']) {
    const answer = refusal(await call('GET', path, { token: guest.token }), 'no_such_route');
    expect(answer.status).toBe(404);
  }
});
