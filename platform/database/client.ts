/**
 * The database as the Worker, the queues and the CLI see it: drizzle over `@neondatabase/serverless`, the same on Neon
 * and on the embedded Postgres of `cli/embedded/`, which a loopback host in the URL names.
 */
import { Client, neon, neonConfig } from '@neondatabase/serverless';
import type { ExtractTablesWithRelations } from 'drizzle-orm';
import { drizzle as drizzleHttp, type NeonHttpDatabase } from 'drizzle-orm/neon-http';
import { drizzle as drizzleSocket, type NeonQueryResultHKT } from 'drizzle-orm/neon-serverless';
import type { PgDatabase, PgQueryResultHKT, PgTransaction, PgTransactionConfig } from 'drizzle-orm/pg-core';

/** Drizzle's relational queries are not used: given the schema, it would work out all relations at each opening. */
type NoSchema = Record<string, never>;
type Tables = ExtractTablesWithRelations<NoSchema>;

/** Inside `Database.transaction`. Nested `transaction` calls are savepoints. */
export type Transaction = PgTransaction<NeonQueryResultHKT, NoSchema, Tables>;

/** What `Database` and `Transaction` have in common, for functions that run in either. */
export type Queries = PgDatabase<PgQueryResultHKT, NoSchema, Tables>;

/**
 * Each query is one HTTP request, `batch` is one request and one transaction, and `transaction` is interactive: it
 * opens a WebSocket, and closes it before it settles. Holds no connection: keep one a request, or one a process.
 */
export type Database = Omit<NeonHttpDatabase<NoSchema>, 'transaction'> & {
  /** @throws whatever `work` throws, once the transaction is rolled back. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, config?: PgTransactionConfig): Promise<T>;
};

/** `url`: `postgresql://user:password@host[:port]/database`. Connects to nothing yet. */
export function openDatabase(url: string): Database {
  const database = drizzleHttp(neon(url));
  return Object.assign(database, {
    transaction: <T>(work: (tx: Transaction) => Promise<T>, config?: PgTransactionConfig) =>
      withConnection(url, (client) => drizzleSocket(client).transaction(work, config)),
  }) as unknown as Database;
}

/** One WebSocket connection for as long as `work` runs. */
export async function withConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  if (isLoopback(client.host)) {
    client.neonConfig.useSecureWebSocket = false;
    client.neonConfig.pipelineConnect = false;
    // Gathering writes waits for a timer at each message; without it a transaction here takes 2 ms, not 9.
    client.neonConfig.coalesceWrites = false;
  }
  // A lost connection rejects the query that waits for it, and every later one; without a listener it would also throw.
  client.on('error', () => {});
  await client.connect().catch((reason: unknown) => {
    throw connectionFailure(reason);
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The driver rejects with the WebSocket's event, which is no `Error`, and says nothing as text. */
function connectionFailure(reason: unknown): unknown {
  if (reason instanceof Error) return reason;
  const { message = '' } = reason as { message?: unknown };
  return new Error(`the database's WebSocket failed: ${String(message)}`, { cause: reason });
}

export interface UniqueViolation {
  constraint: string | undefined;
  table: string | undefined;
}

/** The constraint that `error` says was violated, or null when it is another error. Takes what any query rejects with. */
export function uniqueViolation(error: unknown): UniqueViolation | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!('code' in cause) || cause.code !== '23505') continue;
    const { constraint, table } = cause as Partial<UniqueViolation>;
    return { constraint, table };
  }
  return null;
}

const isLoopback = (host: string) => host === '127.0.0.1' || host === 'localhost';

// The driver takes these for all of its clients only; both look at the host, so they hold for any mix of databases.
const { fetchEndpoint, wsProxy } = neonConfig;
neonConfig.fetchEndpoint = (host, port, options) => {
  if (isLoopback(host)) return `http://${host}:${port}/sql`;
  return typeof fetchEndpoint === 'function' ? fetchEndpoint(host, port, options) : fetchEndpoint;
};
neonConfig.wsProxy = (host, port) => {
  if (isLoopback(host)) return `${host}:${port}/v2`;
  return typeof wsProxy === 'function' ? wsProxy(host, port) : wsProxy;
};
