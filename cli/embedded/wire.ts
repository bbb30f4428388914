/** Postgres wire protocol 3.0, the bytes that this server writes (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
import { serialize } from 'pg-protocol';

/** What a session is in after a command: idle, inside a transaction, or inside one that failed. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** A statement as the driver sends it: `$1` placeholders and text parameters. */
export interface Statement {
  query: string;
  params: (string | null)[];
}

/**
 * Ends a COPY that waits for data, and is ignored otherwise. PGlite reads from the buffer that it was given, so a
 * backend that waits for more dies: each exchange carries this one for the case that it started a COPY FROM STDIN.
 */
export const copyFail: Buffer = serialize.copyFail('COPY FROM STDIN is not supported by the embedded database');

/** `query` as one message of the simple protocol. */
export const simpleQuery = (query: string): Buffer => Buffer.concat([serialize.query(query), copyFail]);

/** Parse, bind, describe and execute each statement in turn, then one sync: after an error the rest is skipped. */
export function pipeline(statements: readonly Statement[]): Buffer {
  const messages: Buffer[] = [];
  for (const { query, params } of statements) {
    messages.push(
      serialize.parse({ text: query }),
      serialize.bind({ values: params }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
    );
  }
  messages.push(copyFail, serialize.sync());
  return Buffer.concat(messages);
}

function message(type: string, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(5 + body.length);
  bytes.write(type, 0, 'latin1');
  bytes.writeInt32BE(4 + body.length, 1);
  body.copy(bytes, 5);
  return bytes;
}

export const readyForQuery = (status: TransactionStatus): Buffer => message('Z', Buffer.from(status, 'latin1'));

export function errorResponse(severity: 'ERROR' | 'FATAL', code: string, text: string): Buffer {
  return message('E', Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${text}\0\0`));
}

/** The answer to a startup message: authentication passed, the parameters that drivers read, ready. */
export function greeting(parameters: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat([
    message('R', Buffer.alloc(4)),
    ...Object.entries(parameters).map(([name, value]) => message('S', Buffer.from(`${name}\0${value}\0`))),
    message('K', Buffer.alloc(8)),
    readyForQuery('I'),
  ]);
}

const READY_LENGTH = 6;

/** The status in the `ReadyForQuery` that ends `answer`, or null where the answer does not end with one. */
export function statusAtEnd(answer: Buffer): TransactionStatus | null {
  const at = answer.length - READY_LENGTH;
  if (at < 0 || answer[at] !== 0x5a || answer.readInt32BE(at + 1) !== 5) return null;
  return String.fromCharCode(answer[at + 5]!) as TransactionStatus;
}
