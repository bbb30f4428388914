/** One signal as an app reports it. */
import { z } from 'zod';
import {
  CLIENT_SIGNAL_TYPES,
  type ClientSignalType,
  INTENTIONS,
  SIGNAL_ALIASES,
  SYSTEM_SIGNAL_TYPES,
} from './signal.ts';

/** Of `context`, as JSON in UTF-8. */
export const MOST_CONTEXT_BYTES = 4096;
/** `{a: {b: 1}}` is two deep. */
export const MOST_CONTEXT_DEPTH = 4;

const MOST_REASON_LENGTH = 200;
/** Apps' clocks run fast, and apps report late what happened offline. */
const MOST_AHEAD_MS = 5 * 60_000;
const MOST_LATE_MS = 90 * 86_400_000;

/** Postgres takes neither the character NUL nor half a surrogate pair. */
const storable = (text: string) => !text.includes('\0') && text.isWellFormed();

type ContextFault = 'too_deep' | 'too_large' | 'not_storable';

function walk(value: unknown, depthLeft: number): ContextFault | null {
  if (typeof value === 'string') return storable(value) ? null : 'not_storable';
  if (typeof value !== 'object' || value === null) return null;
  if (depthLeft === 0) return 'too_deep';
  for (const [key, entry] of Object.entries(value)) {
    const fault = storable(key) ? walk(entry, depthLeft - 1) : 'not_storable';
    if (fault) return fault;
  }
  return null;
}

/** Depth first: what is too deep is not turned into text. */
function contextFault(context: object): ContextFault | null {
  const fault = walk(context, MOST_CONTEXT_DEPTH);
  if (fault) return fault;
  return new TextEncoder().encode(JSON.stringify(context)).length > MOST_CONTEXT_BYTES ? 'too_large' : null;
}

/** A refusal with a code of its own. */
const fault = (code: string, message: string, path: string[] = []) =>
  ({ code: 'custom', message, path, params: { code } }) as const;

const id = z.uuid().toLowerCase();

/** Any one of these lists of fields will do. */
const NEEDED: Record<ClientSignalType, readonly (readonly ('slot_id' | 'trip_id' | 'venue_id' | 'reason')[])[]> = {
  // Where only trip and venue are named, the slot is the one in which the trip has the venue.
  slot_view: [['slot_id'], ['trip_id', 'venue_id']],
  slot_accept: [['slot_id'], ['trip_id', 'venue_id']],
  slot_skip: [['slot_id'], ['trip_id', 'venue_id']],
  slot_swap: [['slot_id'], ['trip_id', 'venue_id']],
  slot_linger: [['slot_id'], ['trip_id', 'venue_id']],
  pivot_accept: [['trip_id'], ['slot_id']],
  pivot_dismiss: [['trip_id'], ['slot_id']],
  pivot_ignore: [['trip_id'], ['slot_id']],
  thumbs_up: [['venue_id'], ['slot_id']],
  thumbs_down: [['venue_id'], ['slot_id']],
  discovery_swipe: [['venue_id']],
  post_trip: [['trip_id'], ['slot_id']],
  intention: [['reason']],
};

/** What the server gives ids of its own to is not a client's to use: name-based UUIDs. */
const NAME_BASED = /^.{14}5/;

export const clientSignal = z
  .strictObject({
    id: id
      .refine((text) => !NAME_BASED.test(text), fault('id_reserved', 'version 5 ids belong to the server'))
      .describe('Chosen by the app; the same id again changes nothing'),
    type: z.enum(CLIENT_SIGNAL_TYPES),
    trip_id: id.optional(),
    slot_id: id.optional(),
    venue_id: id.optional().describe('Default: that of the slot. Of a `slot_swap`: the venue that was given up'),
    occurred_at: z.iso
      .datetime({ offset: true })
      .describe('At most 5 minutes ahead of the server, at most 90 days ago'),
    time_to_action_ms: z.int().min(0).max(2_147_483_647).optional(),
    reason: z
      .string()
      .min(1)
      .max(MOST_REASON_LENGTH)
      .refine(storable, fault('not_storable', 'holds a NUL or half a character'))
      .optional()
      .describe(`Of an \`intention\`, one of: ${INTENTIONS.join(', ')}`),
    context: z
      .record(z.string(), z.unknown())
      .superRefine((context, check) => {
        const code = contextFault(context);
        if (code) check.addIssue(fault(code, code.replaceAll('_', ' ')));
      })
      .optional()
      .describe(`What else the app knows: at most ${MOST_CONTEXT_BYTES} bytes, ${MOST_CONTEXT_DEPTH} levels`),
  })
  .superRefine((signal, check) => {
    const wanted = NEEDED[signal.type];
    if (!wanted.some((fields) => fields.every((field) => signal[field] !== undefined))) {
      check.addIssue(fault('required', `needed for ${signal.type}`, [wanted[0]![0]!]));
    }
    const { type, reason } = signal;
    if (type === 'intention' && reason !== undefined && !(INTENTIONS as readonly string[]).includes(reason)) {
      check.addIssue(fault('unknown_reason', `one of ${INTENTIONS.join(', ')}`, ['reason']));
    }
  });

export type ClientSignal = z.output<typeof clientSignal>;

export type ReadClientSignal = { ok: true; signal: ClientSignal } | { ok: false; code: string; field: string };

function typeCode(type: unknown): string {
  if (type === undefined) return 'required';
  return (SYSTEM_SIGNAL_TYPES as readonly unknown[]).includes(type) ? 'system_only' : 'unknown_type';
}

/** The first thing that is wrong with it; `signal` names the whole. */
function refusal(error: z.ZodError, given: Record<string, unknown>): { code: string; field: string } {
  const issue = error.issues[0]!;
  const field = issue.path.map(String).join('.') || 'signal';
  if (field === 'type') return { code: typeCode(given.type), field };
  switch (issue.code) {
    case 'custom':
      return { code: issue.params?.code ?? 'invalid', field };
    case 'unrecognized_keys':
      return { code: 'unknown_field', field: issue.keys[0]! };
    case 'invalid_type':
      return { code: given[field] === undefined && field !== 'signal' ? 'required' : 'invalid', field };
    default:
      return { code: 'invalid', field };
  }
}

/** Checks one element of `signals`, whatever it is. `now`: milliseconds since the epoch. Times come back in UTC. */
export function readClientSignal(value: unknown, now: number): ReadClientSignal {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const alias =
    typeof given.type === 'string' && Object.hasOwn(SIGNAL_ALIASES, given.type) && SIGNAL_ALIASES[given.type];
  const read = clientSignal.safeParse(alias ? { ...given, type: alias } : value);
  if (!read.success) return { ok: false, ...refusal(read.error, given) };
  const at = Date.parse(read.data.occurred_at);
  if (at > now + MOST_AHEAD_MS) return { ok: false, code: 'in_future', field: 'occurred_at' };
  if (at < now - MOST_LATE_MS) return { ok: false, code: 'too_old', field: 'occurred_at' };
  return { ok: true, signal: { ...read.data, occurred_at: new Date(at).toISOString() } };
}
