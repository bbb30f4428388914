import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drain, QueueTally, wrapForDrain } from '../../cli/local/drain.ts';

const tallyOf = (...lines: unknown[]) => {
  const tally = new QueueTally();
  for (const line of lines) tally.read(typeof line === 'string' ? line : JSON.stringify(line));
  return tally;
};

describe('the wrapped Worker', () => {
  let folder: string;
  let worker: { fetch(request: Request, env: unknown, context: unknown): Promise<Response>; queue(): string };
  let Exported: unknown;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overplanned-drain-'));
    const entry = join(folder, 'index.js');
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    await writeFile(
      entry,
      `let finish;
       export class TripObject {}
       export default {
         queue: () => 'handled',
         fetch(request, env, context) {
           if (request.url.endsWith('/later')) context.waitUntil(new Promise((resolve) => { finish = resolve; }));
           if (request.url.endsWith('/finish')) { finish(); return new Response('finished'); }
           if (request.url.endsWith('/wait')) return new Promise((resolve) => { finish = () => resolve(new Response('waited')); });
           return new Response('answered');
         },
       };`,
    );
    const wrapped = await import(pathToFileURL(await wrapForDrain(entry, '/secret-drain')).href);
    worker = wrapped.default;
    Exported = wrapped.TripObject;
  });
  afterEach(() => rm(folder, { recursive: true }));

  const ask = (path: string) => worker.fetch(new Request(`http://localhost${path}`), {}, { waitUntil: () => {} });

  it('answers as the Worker does, and exports what it exports', async () => {
    expect(await (await ask('/')).text()).toBe('answered');
    expect(worker.queue()).toBe('handled');
    expect(Exported).toBeTypeOf('function');
  });

  it('refuses new requests from the drain on, and tells how many still run', async () => {
    const first = ask('/wait');
    await ask('/finish');
    expect(await (await first).text()).toBe('waited');
    const second = ask('/wait');
    expect(await (await ask('/secret-drain')).json()).toEqual({ running: 1 });
    expect((await ask('/')).status).toBe(503);
    void second;
  });

  it('counts a request until what it left to do is done', async () => {
    await ask('/later');
    expect(await (await ask('/secret-drain')).json()).toEqual({ running: 1 });
  });
});

describe('the drain', () => {
  it('counts the messages that the log says are open', () => {
    const tally = tallyOf(
      'a line that is no JSON: {"queue_s',
      { event: 'queue_sent', n: 3 },
      { event: 'trip_planned', n: 9 },
      { event: 'queue_settled', n: 2 },
    );
    expect(tally.open).toBe(1);
  });

  it('waits for the running requests and for the queue', async () => {
    const tally = tallyOf({ event: 'queue_sent', n: 1 });
    const running = [2, 1, 0, 0, 0];
    let looks = 0;
    const left = await drain(
      async () => {
        looks++;
        if (looks === 4) tally.read('{"event":"queue_settled","n":1}');
        return running.shift() ?? 0;
      },
      tally,
      10_000,
    );
    expect(left).toBe(0);
    expect(looks).toBe(5);
  });

  it('gives up at the limit and says what is left', async () => {
    expect(await drain(async () => 0, tallyOf({ event: 'queue_sent', n: 2 }), 250)).toBe(2);
  });
});
