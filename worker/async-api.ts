/** The AsyncAPI document of the trip's socket, made from the schemas that check its messages. */
import { z } from '@hono/zod-openapi';
import { clientMessage, DURABLE_TYPES, PROTOCOL } from '../core/live/messages.ts';
import { serverMessage } from './schemas/live.ts';

type Schema = Record<string, unknown>;

/** A message a member of the union, by its `type`. */
function messages(union: { options: readonly { shape: { type: { value: string } } }[] }, io: 'input' | 'output') {
  return Object.fromEntries(
    union.options.map((option) => {
      const name = option.shape.type.value;
      const { $schema: _, ...payload } = z.toJSONSchema(option as unknown as z.ZodType, {
        io,
        reused: 'inline',
      }) as Schema;
      const durable = (DURABLE_TYPES as readonly string[]).includes(name);
      return [
        name,
        {
          name,
          contentType: 'application/json',
          ...(durable ? { summary: 'A durable event: its `seq` follows that of the one before, without gaps' } : {}),
          payload,
        },
      ];
    }),
  );
}

const references = (names: readonly string[]) =>
  names.map((name) => ({ $ref: `#/channels/pivotStream/messages/${name}` }));

export function asyncApi() {
  const fromServer = messages(serverMessage, 'output');
  const fromClient = messages(clientMessage, 'input');
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Overplanned, live',
      version: '1',
      description: `Messages are JSON texts of at most 64 KiB with \`v: 1\`. The text \`ping\` is answered with \`pong\`. Close codes: 4401 the token has expired, 4403 no longer a member, 1008 too many messages, 1009 a message too big, 1003 not text.`,
    },
    servers: { trip: { host: 'localhost', protocol: 'wss', security: [{ type: 'http', scheme: 'bearer' }] } },
    channels: {
      pivotStream: {
        address: '/ws/trips/{id}/pivot-stream',
        parameters: { id: { description: 'The id of a trip of yours' } },
        bindings: {
          ws: {
            method: 'GET',
            query: { type: 'object', properties: { since: { type: 'string', description: 'The last known `seq`' } } },
            headers: {
              type: 'object',
              properties: {
                'Sec-WebSocket-Protocol': {
                  type: 'string',
                  description: `\`${PROTOCOL}, bearer.<token>\`, for browsers`,
                },
              },
            },
          },
        },
        messages: { ...fromServer, ...fromClient },
      },
    },
    operations: {
      watch: {
        action: 'send',
        channel: { $ref: '#/channels/pivotStream' },
        messages: references(Object.keys(fromServer)),
      },
      change: {
        action: 'receive',
        channel: { $ref: '#/channels/pivotStream' },
        messages: references(Object.keys(fromClient)),
      },
    },
  };
}
