import { expect, it } from 'vitest';
import { call, inDays, newGuest } from './client.ts';
import { rowsOf } from './stored.ts';

const request = { city: 'seattle', start_date: inDays(), days: 2 };

async function planner() {
  const guest = await newGuest();
  return {
    guest,
    plan: (key: string, json: object = request) =>
      call('POST', '/trips', { token: guest.token, json, headers: { 'idempotency-key': key } }),
  };
}

it('a retry with the same key is answered with the first answer, and makes no second trip', async () => {
  const { guest, plan } = await planner();
  const first = await plan('morning');
  const rows = await rowsOf(guest.id);
  expect(rows).toMatchObject({ trips: 1, idempotencyKeys: 1, signals: 1 });
  const retry = await plan('morning');
  expect(retry.status).toBe(201);
  expect(retry.body).toEqual(first.body);
  for (const header of ['location', 'x-model-version']) {
    expect(retry.headers.get(header)).toBe(first.headers.get(header));
  }
  expect([first, retry].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
  expect(await rowsOf(guest.id)).toEqual(rows);
});

it('the order of fields in the body does not make another request', async () => {
  const { guest, plan } = await planner();
  const { city, start_date, days } = request;
  const first = await plan('order');
  const retry = await plan('order', { days, start_date, city });
  expect(retry.body).toEqual(first.body);
  expect((await rowsOf(guest.id)).trips).toBe(1);
});

it('a key used again with another body is refused, and names the header', async () => {
  const { guest, plan } = await planner();
  await plan('key');
  const refused = await plan('key', { ...request, days: 3 });
  expect(refused).toMatchObject({
    status: 422,
    body: { code: 'idempotency_key_reused', errors: [{ field: 'Idempotency-Key' }] },
  });
  expect((await rowsOf(guest.id)).trips).toBe(1);
});

it('the same key of another traveller is another key', async () => {
  const [one, other] = [await planner(), await planner()];
  const answers = [await one.plan('shared'), await other.plan('shared')];
  expect(answers[0]?.body.id).not.toBe(answers[1]?.body.id);
});

it('ten at once make one trip, and all ten are told of it', async () => {
  const { guest, plan } = await planner();
  const answers = await Promise.all(Array.from({ length: 10 }, () => plan('rush')));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
  for (const { body } of answers) expect(body).toEqual(answers[0]?.body);
  expect(await rowsOf(guest.id)).toMatchObject({ trips: 1, members: 1, idempotencyKeys: 1, signals: 1 });
});

it('a refused request leaves its key unused', async () => {
  const { plan } = await planner();
  expect((await plan('again', { ...request, city: 'atlantis' })).status).toBe(422);
  expect((await plan('again')).status).toBe(201);
});

it.each(['', 'x'.repeat(201)])('a key of no usable length is refused', async (key) => {
  const { plan } = await planner();
  const refused = await plan(key);
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'idempotency-key' }] } });
});
