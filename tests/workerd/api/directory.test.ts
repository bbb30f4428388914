/** Who a token belongs to, from memory. */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import {
  type Directory,
  forgetSubject,
  rememberedUserOfSubject,
  userOfSubject,
} from '../../../platform/auth/directory.ts';
import { database, newGuest } from './client.ts';

/** A directory that counts how often KV is asked. `afterwards` runs between an answer and who waits for it. */
function counting(now: number, afterwards: () => Promise<void> = async () => {}) {
  const seen = { asked: 0 };
  const work: Promise<unknown>[] = [];
  const kv = {
    put: env.CACHE.put.bind(env.CACHE),
    async getWithMetadata(key: string) {
      seen.asked++;
      const found = await env.CACHE.getWithMetadata(key);
      await afterwards();
      return found;
    },
  } as unknown as KVNamespace;
  const directory: Directory = { kv, database, now: new Date(now), waitUntil: (promise) => work.push(promise) };
  return { directory, seen, settled: () => Promise.all(work) };
}

/** A user whom KV knows. */
async function known(): Promise<string> {
  const { id } = await newGuest();
  const { directory, settled } = counting(Date.now());
  await userOfSubject(directory, id);
  await settled();
  return id;
}

it('a user is remembered for some seconds, and then asked for again', async () => {
  const id = await known();
  const now = Date.now();
  for (const [at, asked] of [
    [now, 1],
    [now + 4_000, 0],
    [now + 6_000, 1],
    // A clock that went back keeps nobody for longer.
    [now - 60_000, 1],
  ] as const) {
    const { directory, seen } = counting(at);
    expect(await rememberedUserOfSubject(directory, id)).toEqual({ userId: id });
    expect([at - now, seen.asked]).toEqual([at - now, asked]);
  }
});

it('a deletion is heard of at once, also by who was reading when it came', async () => {
  const id = await known();
  const reading = counting(Date.now(), () => forgetSubject(env.CACHE, id));
  await rememberedUserOfSubject(reading.directory, id);
  expect(await rememberedUserOfSubject(counting(Date.now()).directory, id)).toBe('deleted');

  const other = await known();
  expect(await rememberedUserOfSubject(counting(Date.now()).directory, other)).toEqual({ userId: other });
  await forgetSubject(env.CACHE, other);
  expect(await rememberedUserOfSubject(counting(Date.now()).directory, other)).toBe('deleted');
});
