/** A door before a database: while it is shut, nobody answers at its address, and who was inside is cut off. */
import { createConnection, createServer, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

export interface DatabaseGate {
  /** The database's, with the door's port. */
  url: string;
  open(): Promise<void>;
  shut(): Promise<void>;
  close(): Promise<void>;
}

/** Starts open. */
export async function startDatabaseGate(databaseUrl: string): Promise<DatabaseGate> {
  const behind = Number(new URL(databaseUrl).port);
  const port = await freePort();
  const url = new URL(databaseUrl);
  url.port = String(port);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const inside = createConnection(behind, '127.0.0.1');
    for (const [socket, other] of [
      [client, inside],
      [inside, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(inside).pipe(client);
  });
  const open = () =>
    new Promise<void>((listening, failed) => {
      if (server.listening) return listening();
      server.once('error', failed);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', failed);
        listening();
      });
    });
  const shut = () =>
    new Promise<void>((closed) => {
      if (!server.listening) return closed();
      server.close(() => closed());
      for (const socket of sockets) socket.destroy();
    });
  await open();
  return { url: url.href, open, shut, close: shut };
}
