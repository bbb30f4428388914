/** An identity provider's key set: `GET /jwks.json` on loopback. */
import { createServer } from 'node:http';
import { freePort } from './free-port.ts';

export interface KeySetServer {
  url: string;
  /** What is served; another status than 200 where the provider is to fail. */
  serve(keys: readonly object[], status?: number): void;
  close(): Promise<void>;
}

export async function startKeySet(keys: readonly object[]): Promise<KeySetServer> {
  const port = await freePort();
  let served = { keys, status: 200 };
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/jwks.json';
    response
      .writeHead(found ? served.status : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: found && served.status === 200 ? served.keys : [] }));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${port}/jwks.json`,
    serve: (next, status = 200) => {
      served = { keys: next, status };
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
