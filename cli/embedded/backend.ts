/** The one Postgres backend, PGlite, behind the bytes of its wire protocol. */
import type { PGlite } from '@electric-sql/pglite';
import { createSessionLock, type SessionLock } from './session-lock.ts';
import { simpleQuery, statusAtEnd, type TransactionStatus } from './wire.ts';

export interface Answer {
  bytes: Buffer;
  status: TransactionStatus;
}

/** Both calls are for the holder of the lock. */
export interface Backend {
  lock: SessionLock;
  /** Runs whole messages up to a sync or a simple query. Rejects only when the backend itself died. */
  run(messages: Uint8Array): Promise<Answer>;
  rollback(): Promise<void>;
}

export function createBackend(postgres: PGlite): Backend {
  async function run(messages: Uint8Array): Promise<Answer> {
    const chunks: Buffer[] = [];
    // The raw stream, because the buffered calls also parse every row and keep the result. The bytes lie in memory
    // that the backend uses again: copy them. Nothing is to be synced: memory and Node's file system write through.
    await postgres.execProtocolRawStream(messages, {
      syncToFs: false,
      onRawData: (bytes) => chunks.push(Buffer.from(bytes)),
    });
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const status = statusAtEnd(bytes);
    if (!status) throw new Error('The embedded database ended in the middle of an answer.');
    return { bytes, status };
  }
  return {
    lock: createSessionLock(),
    run,
    async rollback() {
      await run(simpleQuery('ROLLBACK'));
    },
  };
}
