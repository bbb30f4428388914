/** A trip while it runs: pivots over HTTP and over an open socket, swaps, signals, and a crowd of watchers. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { WebSocket } from 'ws';
import { openDatabase } from '../../platform/database/client.ts';
import { call, type Guest, newGuests, type PlannedTrip, plan } from './api-client.ts';
import type { LocalStack } from './local-stack.ts';
import { ms, percentiles, type Row, timeConcurrently, timeEach } from './measure.ts';

const RUNS = 60;
const WARM_UP = 15;

interface Pivot {
  event_id: string;
}

/** Open pivots are limited: each is dismissed, outside the time that is measured. */
async function pivotOverHttp(stack: LocalStack, guest: Guest, trip: PlannedTrip, ask: Record<string, unknown>) {
  const samples: number[] = [];
  for (let run = -WARM_UP; run < RUNS; run++) {
    const from = performance.now();
    const pivot = await call<Pivot>(stack, 'POST', `/trips/${trip.id}/pivot`, guest.token, { id: uuidv7(), ...ask });
    if (run >= 0) samples.push(performance.now() - from);
    await call(stack, 'POST', `/trips/${trip.id}/pivot/${pivot.event_id}`, guest.token, { response: 'dismiss' });
  }
  return percentiles(samples);
}

function openSocket(stack: LocalStack, guest: Guest, tripId: string): Promise<WebSocket> {
  const socket = new WebSocket(`${stack.url.replace('http', 'ws')}/ws/trips/${tripId}/pivot-stream`, {
    headers: { authorization: `Bearer ${guest.token}` },
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

interface Message {
  type: string;
  id?: string;
  seq?: number;
  code?: string;
  pivot?: Pivot;
}

/** Sends a message and resolves with the answer that names its id. */
function ask(socket: WebSocket, message: Record<string, unknown>): Promise<Message> {
  const id = uuidv7();
  return new Promise((resolve, reject) => {
    const listen = (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Message;
      if (answer.id !== id) return;
      socket.off('message', listen);
      if (answer.type === 'error') reject(new Error(answer.code));
      else resolve(answer);
    };
    socket.on('message', listen);
    socket.send(JSON.stringify({ v: 1, id, ...message }));
  });
}

async function pivotOverSocket(socket: WebSocket, trigger: Record<string, unknown>) {
  const samples: number[] = [];
  for (let run = -WARM_UP; run < RUNS; run++) {
    const from = performance.now();
    const { pivot } = await ask(socket, { type: 'trigger', ...trigger });
    if (run >= 0) samples.push(performance.now() - from);
    await ask(socket, { type: 'dismiss', event_id: pivot!.event_id });
    // Under the cap on what one socket may send.
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  return percentiles(samples);
}

const row = (what: string, limit: number, { p50, p95 }: { p50: number; p95: number }): Row => ({
  what,
  target: `p95 < ${limit} ms`,
  measured: `p50 ${ms(p50)} ms, p95 ${ms(p95)} ms`,
  reached: p95 < limit,
});

async function benchPivots(stack: LocalStack, guest: Guest): Promise<Row[]> {
  const trip = await plan(stack, guest);
  const rows: Row[] = [];
  const kinds: [string, Record<string, unknown>, number][] = [
    ['closed venue', { trigger: 'venue_closed' }, 15],
    ['weather', { trigger: 'weather' }, 15],
    ['mood', { trigger: 'mood', mood: 'tired' }, 40],
    ['transit delay', { trigger: 'transit_delay', delay_minutes: 40 }, 25],
  ];
  for (const [name, body, limit] of kinds) {
    rows.push(row(`Pivot over HTTP: ${name}`, limit, await pivotOverHttp(stack, guest, trip, body)));
  }
  const socket = await openSocket(stack, guest, trip.id);
  for (const [name, body, limit] of kinds.slice(0, 2)) {
    rows.push(row(`Pivot over an open socket: ${name}`, limit / 3, await pivotOverSocket(socket, body)));
  }
  socket.close();
  return rows;
}

const slotIds = (trip: PlannedTrip) => trip.days.flatMap((day) => day.slots.map((slot) => slot.id));

async function benchSwaps(stack: LocalStack, guests: Guest[]): Promise<Row[]> {
  const trips = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const guest = guests[i % guests.length]!;
      return { guest, trip: await plan(stack, guest) };
    }),
  );
  // A slot whose alternatives no longer fit answers 409: it is an answer, and it is timed.
  const swap = async (run: number) => {
    const { guest, trip } = trips[Math.abs(run) % trips.length]!;
    const ids = slotIds(trip);
    const id = ids[Math.abs(run * 7) % ids.length]!;
    await call(stack, 'PATCH', `/trips/${trip.id}/slots/${id}`, guest.token, { action: 'swap' }, [409]);
  };
  const alone = percentiles(await timeEach(RUNS, WARM_UP, swap));
  const crowd = await timeConcurrently(200, 600, swap);
  const crowded = percentiles(crowd.samples);
  return [
    row('Swap, 1 client', 15, alone),
    {
      ...row('Swap, 200 clients', 2_000, crowded),
      measured: `p50 ${ms(crowded.p50)} ms, p95 ${ms(crowded.p95)} ms, ${crowd.errors} errors`,
    },
  ];
}

async function benchSignals(stack: LocalStack, guests: Guest[]): Promise<Row[]> {
  const guest = guests[0]!;
  const trip = await plan(stack, guest);
  const ids = slotIds(trip);
  const sent: string[] = [];
  const send = async (run: number) => {
    const id = uuidv7();
    const signal = {
      id,
      type: 'slot_view',
      trip_id: trip.id,
      slot_id: ids[Math.abs(run) % ids.length]!,
      occurred_at: new Date().toISOString(),
    };
    await call(stack, 'POST', '/signals', guest.token, { signals: [signal] });
    sent.push(id);
  };
  const alone = percentiles(await timeEach(RUNS, WARM_UP, send));
  const crowd = await timeConcurrently(500, 1_000, send);
  const crowded = percentiles(crowd.samples);
  const database = openDatabase(stack.databaseUrl);
  const stored = async () => {
    const { rows } = await database.execute<{ n: number }>(
      sql`select count(*)::int as n from behavioral_signals where id = any(${sql.param(sent)}::uuid[])`,
    );
    return rows[0]?.n ?? 0;
  };
  let there = await stored();
  for (let waited = 0; there < sent.length && waited < 60; waited++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    there = await stored();
  }
  return [
    row('Signal to 202, 1 client', 10, alone),
    {
      what: 'Signals, 500 writers',
      target: '0 lost',
      measured: `${sent.length} accepted, ${there} in Postgres; p50 ${ms(crowded.p50)} ms, p95 ${ms(crowded.p95)} ms, ${crowd.errors} errors`,
      reached: there === sent.length && crowd.errors === 0,
    },
  ];
}

async function benchBroadcast(stack: LocalStack, guests: Guest[]): Promise<Row[]> {
  const trips = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const guest = guests[i % guests.length]!;
      return { guest, trip: await plan(stack, guest) };
    }),
  );
  const watchers = await Promise.all(
    trips.flatMap(({ guest, trip }) => Array.from({ length: 5 }, () => openSocket(stack, guest, trip.id))),
  );
  const delays: number[] = [];
  // One trip after the other, so that the delay is the broadcast's and not that of the request before it.
  for (const [i, { guest, trip }] of trips.entries()) {
    const mine = watchers.slice(i * 5, i * 5 + 5);
    const slotId = slotIds(trip)[0]!;
    const from = performance.now();
    const heard = mine.map(
      (socket) =>
        new Promise<void>((resolve) => {
          const listen = (data: Buffer) => {
            const message = JSON.parse(data.toString()) as Message;
            if (message.type !== 'slot_changed') return;
            socket.off('message', listen);
            delays.push(performance.now() - from);
            resolve();
          };
          socket.on('message', listen);
        }),
    );
    await call(stack, 'PATCH', `/trips/${trip.id}/slots/${slotId}`, guest.token, { action: 'accept' });
    await Promise.all(heard);
  }
  for (const socket of watchers) socket.close();
  const p99 = delays.toSorted((a, b) => a - b)[Math.floor(0.99 * delays.length)] ?? Number.NaN;
  return [
    {
      what: '1,000 open sockets on 200 trips: from the request to each watcher',
      target: 'p99 < 100 ms',
      measured: `p50 ${ms(percentiles(delays).p50)} ms, p99 ${ms(p99)} ms, ${delays.length} deliveries`,
      reached: p99 < 100,
    },
  ];
}

export async function benchLive(stack: LocalStack): Promise<Row[]> {
  const guests = await newGuests(stack);
  return [
    ...(await benchPivots(stack, guests[0]!)),
    ...(await benchSwaps(stack, guests)),
    ...(await benchSignals(stack, guests)),
    ...(await benchBroadcast(stack, guests)),
  ];
}
