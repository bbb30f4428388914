/** The ports that the local start listens on. */
import { createServer } from 'node:net';
import { CommandError } from '../command-error.ts';

export const DEFAULT_PORT = 8787;

/** Reads `PORT`. @throws CommandError when it is not a port number. */
export function parsePort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new CommandError(`PORT must be a whole number from 1 to 65535, not "${text}".`);
}

/** @throws CommandError when nothing can listen on the port. */
export async function assertPortFree(port: number): Promise<void> {
  const code = await tryListen(port);
  if (code === null) return;
  if (code === 'EADDRINUSE')
    throw new CommandError(
      `Port ${port} is in use. Choose another one, e.g. PORT=${port === DEFAULT_PORT ? 8080 : DEFAULT_PORT} npm start`,
    );
  throw new CommandError(`Cannot listen on port ${port}: ${code}. Choose another one with PORT.`);
}

/** The first free port from `port` on. */
export async function freePortFrom(port: number): Promise<number> {
  for (let candidate = port; candidate <= 65_535; candidate++) {
    if ((await tryListen(candidate)) === null) return candidate;
  }
  throw new CommandError(`No port from ${port} on is free.`);
}

/** Null when the port is free on loopback, else the error code. */
function tryListen(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(null)));
  });
}
