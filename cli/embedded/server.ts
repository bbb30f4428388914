/** The embedded Postgres: PGlite with pgvector on one loopback port, speaking Neon's HTTP and WebSocket protocols. */
import { createServer } from 'node:http';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { type WebSocket, WebSocketServer } from 'ws';
import { createBackend } from './backend.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { createSqlHandler } from './http.ts';
import { serveWire } from './websocket.ts';

export interface EmbeddedPostgresOptions {
  port: number;
  /** Where the data is kept; in memory when left out. */
  dataDir?: string;
  /** A WebSocket transaction that sends nothing for this long is rolled back and its socket closed. Default 10 s. */
  idleTransactionMs?: number;
  /** Default 64 MiB, as on Neon. */
  maxBodyBytes?: number;
  /** Called when another process took over the folder: stop at once, without closing the database. */
  onLockLost?: () => void;
}

export interface EmbeddedPostgres {
  /** What `openDatabase` takes. */
  url: string;
  /** Ends all sessions (open transactions are rolled back), closes the database and frees folder and port. */
  close(): Promise<void>;
}

/**
 * Starts it. One backend serves everybody in turn, so sessions share `SET` values and names of prepared statements:
 * use neither. COPY FROM STDIN, LISTEN and binary values are not supported.
 * @throws DataDirLocked when another process has the folder; a Node error with `code` EADDRINUSE when the port is taken.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { port, dataDir, idleTransactionMs = 10_000, maxBodyBytes = 64 * 1024 * 1024 } = options;
  const unlock = dataDir ? await lockDataDir(dataDir, () => options.onLockLost?.()) : async () => {};
  try {
    const postgres = await PGlite.create({ ...(dataDir ? { dataDir } : {}), extensions: { vector } });
    // Everything is in memory: a page read at random costs what the next one does. Without it, Postgres scans the whole
    // table where an index alone would do.
    await postgres.exec('ALTER TABLESPACE pg_default SET (random_page_cost = 1.1)');
    const backend = createBackend(postgres);
    // Clients keep idle connections for some seconds: the server must be the one that keeps them longer.
    const http = createServer({ keepAliveTimeout: 120_000 }, createSqlHandler(backend, { maxBodyBytes }));
    // A browser names the page that opens a socket; no page has business here.
    const sockets = new WebSocketServer({
      server: http,
      path: '/v2',
      perMessageDeflate: false,
      maxPayload: maxBodyBytes,
      verifyClient: ({ origin }: { origin?: string }) => !origin,
    });
    sockets.on('connection', (socket: WebSocket) => serveWire(socket, backend, { idleTransactionMs }));
    await new Promise<void>((listening, failed) => {
      sockets.once('error', failed);
      http.listen(port, '127.0.0.1', () => {
        sockets.off('error', failed);
        listening();
      });
    }).catch(async (error: unknown) => {
      await postgres.close();
      throw error;
    });
    return {
      url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
      async close() {
        const closed = new Promise((done) => http.close(done));
        for (const socket of sockets.clients) socket.terminate();
        http.closeAllConnections();
        await closed;
        const release = await backend.lock.acquire();
        await postgres.close();
        release();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
