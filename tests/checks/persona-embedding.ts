/**
 * `node tests/checks/persona-embedding.ts [--travellers 10000]`: the nightly encoding of so many warm travellers, stretch by
 * stretch as the queue would bring them, in a process of its own beside the embedded Postgres, with the runtime of the Worker
 * (onnxruntime-web, one thread). CPU and memory are that process's: a Worker has 128 MB, and for a message of a queue 30
 * seconds of CPU unless it asks for more.
 */
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sql } from 'drizzle-orm';
import { type Database, openDatabase } from '../../platform/database/client.ts';
import type { Settings } from '../../platform/settings.ts';
import { ms, percentiles } from '../bench/measure.ts';

const DECISIONS = 50;
const MB = 1024 * 1024;

const { values } = parseArgs({
  options: { travellers: { type: 'string', default: '10000' }, job: { type: 'string' } },
});

async function crowd(database: Database, travellers: number): Promise<void> {
  await database.execute(sql`
    insert into users (id, subject, counting_signals)
    select gen_random_uuid(), 'crowd|' || n, ${DECISIONS} from generate_series(1, ${travellers}::int) as n`);
  await database.execute(sql`
    insert into actor_keys (user_id, actor_key) select id, gen_random_uuid() from users where subject like 'crowd|%'`);
  await database.execute(sql`
    insert into behavioral_signals (id, actor_key, signal_type, activity_node_id, weight, source, model_version, counts, occurred_at)
    select gen_random_uuid(), k.actor_key, case when n % 3 = 0 then 'slot_skip' else 'slot_accept' end,
      v.ids[1 + (abs(hashtext(k.actor_key::text)) % 1000 + n * 7) % cardinality(v.ids)], 1, 'user_behavioral', 'none', true,
      now() - make_interval(mins => 1000 - n)
    from actor_keys k cross join generate_series(1, ${DECISIONS}::int) as n
    cross join (select array_agg(id order by id) as ids from activity_nodes where closed_at is null) as v`);
  await database.execute(sql`analyze users, actor_keys, behavioral_signals`);
}

/** All stretches of one run. */
async function job(databaseUrl: string): Promise<void> {
  const ort = await import('onnxruntime-web');
  const { onnxSession } = await import('../../platform/inference/onnx-session.ts');
  const { openModel } = await import('../../platform/inference/served-model.ts');
  const { personaEncoderModel } = await import('../../platform/vectors/persona-encoder.ts');
  const { encodeStretch } = await import('../../queues/persona-embedding.ts');
  ort.env.wasm.numThreads = 1;
  const folder = fileURLToPath(new URL('../../models/artifacts/persona-encoder/', import.meta.url));
  const version = readdirSync(folder)[0]!;
  const context = {
    database: openDatabase(databaseUrl),
    settings: { qdrant: { url: null, apiKey: null }, pgvectorHnsw: false } as Settings,
    now: Date.now(),
  };
  const [walls, cpus, opening] = [[] as number[], [] as number[], [] as number[]];
  const totals: Record<string, number> = {};
  let most = 0;
  const began = performance.now();
  for (let after: string | null = null, more = true; more; more = after !== null) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    // As in the Worker: opened for a stretch, given back after it.
    const opened = await openModel(personaEncoderModel, {
      version,
      read: async (file) => new Uint8Array(readFileSync(`${folder}${version}/${file}`)),
      createSession: async (bytes) => onnxSession(ort, await ort.InferenceSession.create(bytes)),
    });
    opening.push(performance.now() - wall);
    const { next, counts } = await encodeStretch(opened.serves, after, context);
    await opened.close();
    for (const [name, n] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + n;
    const { user, system } = process.cpuUsage(cpu);
    cpus.push((user + system) / 1000);
    walls.push(performance.now() - wall);
    const { heapUsed, external } = process.memoryUsage();
    most = Math.max(most, heapUsed + external);
    after = next;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const [wall, cpu] = [percentiles(walls), percentiles(cpus)];
  console.log(`${JSON.stringify(totals)} in ${walls.length} stretches, ${seconds} s with the database beside it`);
  console.log(
    `a stretch: ${ms(wall.p50)} ms (p95 ${ms(wall.p95)}), of it opening the model ${ms(percentiles(opening).p50)} ms`,
  );
  console.log(`CPU of a stretch: p50 ${ms(cpu.p50)} ms, p95 ${ms(cpu.p95)} ms, most ${ms(Math.max(...cpus))} ms`);
  console.log(`most memory: ${(most / MB).toFixed(0)} MB of heap and buffers, the WebAssembly's among them`);
}

if (values.job !== undefined) {
  await job(values.job);
} else {
  const { startEmbeddedPostgres } = await import('../../cli/embedded/server.ts');
  const { applyMigrations } = await import('../../platform/database/migrate.ts');
  const { seedMissingCities } = await import('../../platform/database/seed-cities.ts');
  const { freePort } = await import('../stand-ins/free-port.ts');
  const postgres = await startEmbeddedPostgres({ port: await freePort() });
  await applyMigrations(postgres.url);
  const database = openDatabase(postgres.url);
  await seedMissingCities(database, { now: new Date() });
  await crowd(database, Number(values.travellers));
  for (const night of ['first night', 'second night, nothing new']) {
    console.log(`\n${night}`);
    const child = fork(fileURLToPath(import.meta.url), ['--job', postgres.url], {
      // What is rubbish is taken away in time: without it, Node lets it lie as long as there is room.
      execArgv: ['--max-old-space-size=64', '--max-semi-space-size=2'],
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) process.exitCode = 1;
  }
  await postgres.close();
}
