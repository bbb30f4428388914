/** The trip's socket: who may open it, what it says first, and that nobody misses anything. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import type { TripObject } from '../../../durable-objects/trip.ts';
import { call, newGuest } from '../api/client.ts';
import { tokenOf } from '../api/tokens.ts';
import { connect, LiveSocket, travelling, watch } from './live-client.ts';

describe('the socket', () => {
  it('opens for a member by the Authorization header, and says first what the trip is', async () => {
    const { trip, organiser } = await travelling();
    const response = await connect(trip.id, { token: organiser.token });
    expect(response.status).toBe(101);
    expect(response.headers.get('sec-websocket-protocol')).toBeNull();
    expect(response.headers.get('x-model-version')).toBe('none');
    const socket = new LiveSocket(response.webSocket!);
    expect(await socket.first('snapshot')).toEqual({ v: 1, type: 'snapshot', seq: 1, trip });
    expect((await socket.first('presence')).members).toEqual([organiser.id]);
    socket.close();
  });

  it('opens by subprotocols, of which only the protocol itself is echoed', async () => {
    const { trip, organiser } = await travelling();
    const response = await connect(trip.id, { protocols: `overplanned.v1, bearer.${organiser.token}` });
    expect(response.status).toBe(101);
    expect(response.headers.get('sec-websocket-protocol')).toBe('overplanned.v1');
    const socket = new LiveSocket(response.webSocket!);
    expect((await socket.first('snapshot')).seq).toBe(1);
    socket.close();
  });

  it('stays shut without a good token', async () => {
    const { trip, organiser } = await travelling();
    const past = Math.floor(Date.now() / 1000) - 10;
    const tokens = [await tokenOf(organiser.id, { claims: { exp: past } }), 'x.y.z', `${organiser.token}x`];
    for (const token of tokens) {
      for (const options of [{ token }, { protocols: `overplanned.v1, bearer.${token}` }]) {
        const refused = await connect(trip.id, options);
        expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, 'unauthorised']);
      }
    }
    expect((await connect(trip.id, {})).status).toBe(401);
    // Never in the URL; and the header of a plain request takes no subprotocol.
    expect((await call('GET', `//ws/trips/${trip.id}/pivot-stream?token=${organiser.token}`)).status).toBe(401);
    const headers = { 'sec-websocket-protocol': `bearer.${organiser.token}` };
    expect((await call('GET', `/trips/${trip.id}`, { headers })).status).toBe(401);
  });

  it('is not there for strangers, whatever they say they are, and wants an upgrade', async () => {
    const { trip, organiser } = await travelling();
    const { token } = await newGuest();
    const headers = { 'x-user-id': organiser.id };
    expect((await connect(trip.id, { token, headers })).status).toBe(404);
    expect((await connect(uuidv7(), { token })).status).toBe(404);
    const plain = await call('GET', `//ws/trips/${trip.id}/pivot-stream`, { token: organiser.token });
    expect([plain.status, plain.body.code]).toEqual([426, 'upgrade_required']);
  });

  it('closes with 4401 when the token expires: at the alarm, or at the next message', async () => {
    const { trip, organiser, stub } = await travelling();
    const exp = Math.floor(Date.now() / 1000) + 60;
    const token = await tokenOf(organiser.id, { claims: { exp } });
    const silent = await watch(trip.id, token);
    const lasting = await watch(trip.id, organiser.token);
    await stub.setClock(exp * 1000 - 1_000);
    expect(await silent.ask({ type: 'slot_action', slot_id: uuidv7(), action: 'accept' })).toMatchObject({
      code: 'slot_not_found',
    });
    // The platform runs the alarm.
    await stub.setClock(exp * 1000 + 1);
    expect((await silent.closed).code).toBe(4401);
    const { members } = await lasting.first('presence', (m) => m.members.length === 1);
    expect(members).toEqual([organiser.id]);
    lasting.close();
  });

  it('answers pings without waking the object', async () => {
    const { trip, organiser, object } = await travelling();
    const response = await connect(trip.id, { token: organiser.token });
    const socket = response.webSocket!;
    const pong = new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => data === 'pong' && resolve(data));
    });
    socket.accept();
    await evictDurableObject(object);
    socket.send('ping');
    expect(await pong).toBe('pong');
    socket.close();
  });
});

describe('events', () => {
  it('reach every companion, each with the next seq, as HTTP and sockets cause them', async () => {
    const { trip, organiser, others, slots, seq } = await travelling({ companions: 1 });
    const [a, b] = [await watch(trip.id, organiser.token), await watch(trip.id, others[0]!.token)];
    await Promise.all([a.first('snapshot'), b.first('snapshot')]);
    const act = { token: organiser.token, json: { action: 'accept' } };
    expect((await call('PATCH', `/trips/${trip.id}/slots/${slots[0]!.id}`, act)).body.seq).toBe(seq + 1);
    expect(await b.ask({ type: 'slot_action', slot_id: slots[1]!.id, action: 'skip' })).toMatchObject({
      type: 'ack',
      seq: seq + 2,
    });
    const party = { token: others[0]!.token, json: { status: 'active' } };
    expect((await call('PATCH', `/trips/${trip.id}`, party)).body.seq).toBe(seq + 3);
    const seen = await a.events(seq + 3);
    expect(seen).toEqual(await b.events(seq + 3));
    expect(seen).toMatchObject([
      { type: 'slot_changed', seq: seq + 1, by: organiser.id, slot_id: slots[0]!.id, status: 'accepted' },
      { type: 'slot_changed', seq: seq + 2, by: others[0]!.id, slot_id: slots[1]!.id, status: 'skipped' },
      { type: 'trip_status', seq: seq + 3, by: others[0]!.id, status: 'active' },
    ]);
    a.close();
    b.close();
  });

  it('carry the slots as the trip then shows them', async () => {
    const { trip, organiser, slots } = await travelling();
    const socket = await watch(trip.id, organiser.token);
    await socket.ask({ type: 'slot_action', slot_id: slots[1]!.id, action: 'swap' });
    const event = await socket.first('slot_changed');
    const { body } = await call('GET', `/trips/${trip.id}`, { token: organiser.token });
    const now = new Map(body.days[0].slots.map((slot: { id: string }) => [slot.id, slot]));
    expect(event.slots.length).toBeGreaterThan(0);
    for (const { slot } of event.slots) expect(slot).toEqual(now.get(slot.id));
    for (const slot of slots) {
      if (!event.slots.some((changed) => changed.slot.id === slot.id)) expect(now.get(slot.id)).toEqual(slot);
    }
    socket.close();
  });

  it('missed are sent to who comes back, exactly those', async () => {
    const { trip, organiser, slots, object } = await travelling();
    const there = await watch(trip.id, organiser.token);
    for (let i = 0; i < 6; i += 1) {
      await there.ask({ type: 'slot_action', slot_id: slots[i % slots.length]!.id, action: 'accept' });
    }
    const all = await there.events(7);
    await evictDurableObject(object);
    for (const since of [1, 3, 6, 7]) {
      const back = await watch(trip.id, organiser.token, since);
      await back.first('presence');
      expect(back.received.filter(({ type }) => type !== 'presence')).toEqual(all.slice(since - 1));
      back.close();
    }
    there.close();
  });

  it.each(['8', '-1', '0', 'x', '', '1e3', '99999999999999999999'])(
    'of an unknown since (%s) are a snapshot',
    async (since) => {
      const { trip, organiser } = await travelling();
      const socket = await watch(trip.id, organiser.token, since);
      expect(await socket.first('snapshot')).toMatchObject({ seq: 1, trip });
      expect(socket.durable()).toEqual([]);
      socket.close();
    },
  );

  it('that are no longer kept are a snapshot', async () => {
    const { trip, organiser, slots, object } = await travelling();
    const act = { token: organiser.token, json: { action: 'accept' } };
    for (let i = 0; i < 2; i += 1) await call('PATCH', `/trips/${trip.id}/slots/${slots[i]!.id}`, act);
    await runInDurableObject(object, (_: TripObject, { storage }) => {
      storage.sql.exec('DELETE FROM events WHERE seq <= 2');
    });
    const socket = await watch(trip.id, organiser.token, 1);
    expect((await socket.first('snapshot')).seq).toBe(3);
    const other = await watch(trip.id, organiser.token, 2);
    expect((await other.events(3)).map((event) => (event as { seq: number }).seq)).toEqual([3]);
    socket.close();
    other.close();
  });

  it('lose nothing when the object leaves memory between any two messages, and its sockets sleep on', async () => {
    const { trip, organiser, slots, object } = await travelling();
    const socket = await watch(trip.id, organiser.token);
    for (const [i, action] of (['accept', 'skip', 'swap', 'lock', 'accept'] as const).entries()) {
      const answer = await socket.ask({ type: 'slot_action', slot_id: slots[i % slots.length]!.id, action });
      expect(answer).toMatchObject({ type: 'ack', seq: i + 2 });
      await evictDurableObject(object);
    }
    expect((await socket.events(6)).map((event) => (event as { seq: number }).seq)).toEqual([2, 3, 4, 5, 6]);
    socket.close();
  });
});

describe('a message', () => {
  it('that comes again gets the first ack again, and changes nothing', async () => {
    const { trip, organiser, slots, object } = await travelling();
    const socket = await watch(trip.id, organiser.token);
    const said = { type: 'slot_action', id: uuidv7(), slot_id: slots[0]!.id, action: 'accept' } as const;
    // Twice at once, again later, and after the object was gone from memory.
    socket.say(said);
    socket.say(said);
    await vi.waitUntil(() => socket.received.filter(({ type }) => type === 'ack').length === 2);
    await evictDurableObject(object);
    socket.say({ ...said, action: 'skip' });
    await vi.waitUntil(() => socket.received.filter(({ type }) => type === 'ack').length === 3);
    const acks = socket.received.filter(({ type }) => type === 'ack');
    for (const ack of acks) expect(ack).toEqual({ v: 1, type: 'ack', id: said.id, seq: 2 });
    expect((await call('GET', `/trips/${trip.id}`, { token: organiser.token })).body.seq).toBe(2);
    socket.close();
  });

  it('of another member may have the same id', async () => {
    const { trip, organiser, others, slots, seq } = await travelling({ companions: 1 });
    const id = uuidv7();
    const said = { type: 'slot_action', id, slot_id: slots[0]!.id, action: 'accept' } as const;
    const [a, b] = [await watch(trip.id, organiser.token), await watch(trip.id, others[0]!.token)];
    expect(await a.ask(said)).toMatchObject({ type: 'ack', seq: seq + 1 });
    expect(await b.ask(said)).toMatchObject({ type: 'ack', seq: seq + 2 });
    a.close();
    b.close();
  });

  it.each([
    ['{', 'malformed_json'],
    ['null', 'invalid_message'],
    ['[]', 'invalid_message'],
    ['{"v":2,"type":"dismiss"}', 'invalid_message'],
    ['{"v":1,"type":"shout","id":"x"}', 'invalid_message'],
    ['{"v":1,"type":"trigger","id":"0198c0f0-0000-7000-8000-000000000000","trigger":"mood"}', 'invalid_message'],
    ['"\\ud800"', 'invalid_message'],
  ])('that is none (%s) gets an error, and the socket goes on', async (raw, code) => {
    const { trip, organiser, slots } = await travelling();
    const socket = await watch(trip.id, organiser.token);
    socket.send(raw);
    expect((await socket.first('error')).code).toBe(code);
    const answer = await socket.ask({ type: 'slot_action', slot_id: slots[0]!.id, action: 'accept' });
    expect(answer).toMatchObject({ type: 'ack', seq: 2 });
    socket.close();
  });

  it.each([
    ['of more than 64 KiB', () => `"${'x'.repeat(64 * 1024)}"`, 1009],
    ['of 64 KiB in characters of several bytes', () => `"${'ü'.repeat(40 * 1024)}"`, 1009],
    ['of 1 MiB', () => 'x'.repeat(1024 * 1024), 1009],
    ['that is binary', () => new TextEncoder().encode('{}').buffer as ArrayBuffer, 1003],
    ['of bytes that are no UTF-8', () => new Uint8Array([0xc3, 0x28, 0xff]).buffer, 1003],
  ])('%s closes its socket, and no other', async (_, raw, code) => {
    const { trip, organiser, slots } = await travelling();
    const [bad, good] = [await watch(trip.id, organiser.token), await watch(trip.id, organiser.token)];
    bad.send(raw());
    expect((await bad.closed).code).toBe(code);
    expect(await good.ask({ type: 'slot_action', slot_id: slots[0]!.id, action: 'accept' })).toMatchObject({ seq: 2 });
    good.close();
  });

  it('too many of them close a socket with 1008, while the trip goes on for the others', async () => {
    const { trip, organiser, others, slots } = await travelling({ companions: 1 });
    const flooding = await watch(trip.id, organiser.token);
    const calm = await watch(trip.id, others[0]!.token);
    for (let i = 0; i < 500; i += 1) flooding.send('{}');
    expect((await flooding.closed).code).toBe(1008);
    expect(flooding.received.filter(({ type }) => type === 'error').length).toBeLessThan(200);
    expect(await calm.ask({ type: 'slot_action', slot_id: slots[0]!.id, action: 'accept' })).toMatchObject({
      type: 'ack',
    });
    calm.close();
  });
});

it('the document of the socket describes every message, each with the fields that were seen here', async () => {
  const { body } = await call('GET', '//asyncapi.json');
  expect(body.asyncapi).toBe('3.0.0');
  const { messages, address } = body.channels.pivotStream;
  expect(address).toBe('/ws/trips/{id}/pivot-stream');
  expect(Object.keys(messages).sort()).toEqual(
    [
      ...['snapshot', 'slot_changed', 'pivot_suggested', 'pivot_resolved', 'trip_status', 'member_changed'],
      ...['ack', 'error', 'presence', 'trigger', 'accept', 'dismiss', 'slot_action'],
    ].sort(),
  );
  for (const { payload } of Object.values(messages) as { payload: { required: string[] } }[]) {
    expect(payload.required).toEqual(expect.arrayContaining(['v', 'type']));
  }
  expect(messages.snapshot.payload.properties.trip.required).toContain('days');
  for (const { messages: named } of Object.values(body.operations) as { messages: { $ref: string }[] }[]) {
    for (const { $ref } of named) expect(messages[$ref.split('/').at(-1)!]).toBeDefined();
  }
  expect((await env.ASSETS.fetch('https://api.test/docs/')).status).toBe(200);
  expect(await (await env.ASSETS.fetch('https://api.test/docs/')).text()).toContain('/asyncapi.json');
});
