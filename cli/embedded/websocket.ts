/**
 * Neon's WebSocket proxy, as `Client` of `@neondatabase/serverless` uses it: the Postgres wire protocol inside binary
 * frames. A session holds the backend from the first message of a transaction to the message that ends it.
 */
import type { WebSocket } from 'ws';
import type { Backend } from './backend.ts';
import { copyFail, errorResponse, greeting, readyForQuery, type TransactionStatus } from './wire.ts';

const SSL_REQUEST = 80877103;
const CANCEL_REQUEST = 80877102;

/** What drivers read at the start; the backend's own settings. */
const PARAMETERS = {
  server_version: '18.0',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
};

/** Serves one client until its socket closes. A transaction with no message for `idleTransactionMs` is rolled back. */
export function serveWire(socket: WebSocket, backend: Backend, options: { idleTransactionMs: number }): void {
  const unread = createMessageReader();
  let collected: Buffer[] = [];
  let status: TransactionStatus = 'I';
  let release: (() => void) | null = null;
  let idle: NodeJS.Timeout | undefined;
  let gone = false;
  let turn: Promise<void> = Promise.resolve();

  const send = (bytes: Buffer) => {
    if (socket.readyState === socket.OPEN) socket.send(bytes);
  };
  /** Runs after what was asked before, so that messages are answered in their order. */
  const next = (work: () => Promise<void>) => {
    turn = turn.then(work).catch((error: unknown) => {
      send(errorResponse('FATAL', 'XX000', error instanceof Error ? error.message : String(error)));
      letGo();
      socket.close();
    });
  };
  const letGo = () => {
    status = 'I';
    release?.();
    release = null;
  };
  const abandon = async () => {
    clearTimeout(idle);
    if (status !== 'I') await backend.rollback();
    letGo();
  };

  const exchange = async (messages: Buffer) => {
    clearTimeout(idle);
    release ??= await backend.lock.acquire();
    if (gone) return letGo();
    const answer = await backend.run(messages);
    status = answer.status;
    send(answer.bytes);
    if (status === 'I') letGo();
    else idle = setTimeout(() => next(expire), options.idleTransactionMs);
  };
  const expire = async () => {
    if (status === 'I') return;
    await abandon();
    send(errorResponse('FATAL', '25P03', 'terminating connection due to idle-in-transaction timeout'));
    socket.close();
  };

  const startup = (message: Buffer) => {
    const code = message.readInt32BE(4);
    if (code === SSL_REQUEST) return send(Buffer.from('N'));
    if (code === CANCEL_REQUEST) return socket.close();
    unread.started = true;
    send(greeting(PARAMETERS));
  };
  const receive = (message: Buffer) => {
    switch (String.fromCharCode(message[0]!)) {
      case 'X':
        return socket.close();
      case 'p': // A password, which drivers may send before they are asked.
      case 'H': // A flush: everything is answered at the sync, which drivers send with it.
        return;
      case 'Q':
        collected.push(message, copyFail);
        break;
      case 'S':
        collected.push(copyFail, message);
        break;
      default:
        collected.push(message);
        return;
    }
    const messages = Buffer.concat(collected);
    collected = [];
    next(() => exchange(messages));
  };

  socket.on('message', (data) => {
    unread.add(data as Buffer);
    try {
      for (let message = unread.take(); message; message = unread.take()) {
        if (unread.started) receive(message);
        else startup(message);
      }
    } catch (error) {
      send(Buffer.concat([errorResponse('FATAL', '08P01', (error as Error).message), readyForQuery('I')]));
      socket.close();
    }
  });
  socket.on('close', () => {
    gone = true;
    next(abandon);
  });
  socket.on('error', () => socket.terminate());
}

/** Cuts a stream of frames into protocol messages. The startup message has no type byte. */
function createMessageReader() {
  let bytes: Buffer = Buffer.alloc(0);
  return {
    started: false,
    add(frame: Buffer) {
      bytes = bytes.length === 0 ? frame : Buffer.concat([bytes, frame]);
    },
    take(): Buffer | null {
      const header = this.started ? 5 : 4;
      if (bytes.length < header) return null;
      const length = bytes.readInt32BE(header - 4) + (header - 4);
      if (length < (this.started ? 5 : 8)) throw new Error('invalid message length');
      if (bytes.length < length) return null;
      const message = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      return message;
    },
  };
}
