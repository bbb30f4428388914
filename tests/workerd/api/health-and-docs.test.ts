import { describe, expect, it } from 'vitest';
import { call } from './client.ts';

describe('health', () => {
  it('is alive', async () => {
    const alive = await call('GET', '//health');
    expect([alive.status, alive.body]).toEqual([200, { status: 'ok' }]);
    expect(alive.headers.get('x-model-version')).toBe('none');
  });

  it('is ready when every dependency answers, each with its latency', async () => {
    const ready = await call('GET', '//health/ready');
    expect(ready.status).toBe(200);
    expect(ready.body.status).toBe('ready');
    expect(Object.keys(ready.body.checks).sort()).toEqual(
      ['durable_objects', 'kv', 'postgres', 'r2', 'vectors_pgvector'].sort(),
    );
    for (const check of Object.values(ready.body.checks)) {
      expect(check).toEqual({ ok: true, latency_ms: expect.any(Number) });
    }
  });

  it('is alive but not ready while Postgres cannot be reached, and tells nobody where it is', async () => {
    const env = { DATABASE_URL: 'postgresql://postgres:hunter2@127.0.0.1:9/postgres' };
    const unready = await call('GET', '//health/ready', { env });
    expect(unready.status).toBe(503);
    expect(unready.body.status).toBe('not_ready');
    expect(unready.body.checks).toMatchObject({
      postgres: { ok: false, latency_ms: expect.any(Number) },
      kv: { ok: true },
      durable_objects: { ok: true },
    });
    expect(unready.text).not.toMatch(/hunter2|127\.0\.0\.1/);
    expect((await call('GET', '//health', { env })).status).toBe(200);
  });
});

describe('the docs', () => {
  it('are a page at /docs, which / leads to', async () => {
    for (const path of ['//', '//docs']) {
      const lead = await call('GET', path);
      expect(lead.status).toBe(302);
      expect(lead.headers.get('location')).toBe('/docs/');
    }
    const page = await call('GET', '//docs/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('x-model-version')).toBe('none');
    const files = [...page.text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map((match) => match[1]);
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) expect((await call('GET', `/${file}`)).status, file).toBe(200);
    expect((await call('GET', '//docs/page.js')).text).toContain('/openapi.json');
  });

  it('that there are not are 404', async () => {
    expect((await call('GET', '//docs/nothing.js')).status).toBe(404);
  });
});
