/** What is said over a trip's sockets: the first words, what a client asks for, what it is answered. */
import {
  type Ack,
  type ClientMessage,
  clientMessage,
  type PivotBody,
  PROTOCOL,
  type ServerMessage,
} from '../core/live/messages.ts';
import { toTripBody } from '../core/live/trip-body.ts';
import type { AnsweredIds } from './answered-ids.ts';
import { close, type LiveSockets, NO_MEMBER, send } from './live-sockets.ts';
import type { PivotAnswer, PivotAsk, PivotReply, ReplyAnswer } from './pivot-desk.ts';
import type { SlotActionRequest } from './slot-action.ts';
import type { TripKeeper } from './trip-keeper.ts';

const MOST_BYTES = 64 * 1024;
const UNSUPPORTED_DATA = 1003;
const TOO_BIG = 1009;

type Refused = { ok: false; problem: { code: string } };
type Ok<Answer> = Extract<Answer, { ok: true }>;

/** What may be asked of the trip. `within`: storage that belongs to the transaction of what changes. */
export interface Commands {
  actOnSlot(userId: string, request: SlotActionRequest, within: (seq: number) => void): Promise<{ ok: true } | Refused>;
  askPivot(
    userId: string,
    ask: PivotAsk,
    within: (pivot: PivotBody, seq: number | null) => void,
  ): Promise<Ok<PivotAnswer> | Refused>;
  answerPivot(userId: string, eventId: string, reply: PivotReply): Promise<Ok<ReplyAnswer> | Refused>;
}

type Outcome = { ok: true } | { ok: false; code: string };

const byteLength = (text: string) => new TextEncoder().encode(text).length;

/** The `id` of a message that is not one, where it has something like it. */
function idOf(message: unknown): string | undefined {
  const id = (message as { id?: unknown } | null)?.id;
  return typeof id === 'string' && id.length <= 100 ? id : undefined;
}

export class LiveConversation {
  readonly #sockets: LiveSockets;
  readonly #answered: AnsweredIds;
  readonly #commands: Commands;
  readonly #running = new Map<string, Promise<Outcome>>();

  constructor(sockets: LiveSockets, answered: AnsweredIds, commands: Commands) {
    this.#sockets = sockets;
    this.#answered = answered;
    this.#commands = commands;
  }

  /** Accepts a member's socket. First words: what it missed since `since`, or a snapshot. In one stretch: no event falls between. */
  open(request: Request, userId: string, keeper: TripKeeper): Response {
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') return new Response(null, { status: 426 });
    const trip = keeper.here!;
    const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
    const expiresAt = Number(request.headers.get('x-token-expires-at')) * 1000;
    const { socket, response } = this.#sockets.accept(userId, expiresAt, offered.includes(PROTOCOL));
    const since = new URL(request.url).searchParams.get('since') ?? '';
    const missed = /^\d{1,15}$/.test(since) ? keeper.log.after(Number(since), trip.seq) : null;
    if (missed) for (const message of missed) send(socket, message);
    else this.#send(socket, { v: 1, type: 'snapshot', seq: trip.seq, trip: toTripBody(trip) });
    this.#sockets.announcePresence();
    return response;
  }

  async heard(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (!this.#sockets.admits(socket)) return;
    if (typeof data !== 'string') return close(socket, UNSUPPORTED_DATA, 'text messages only');
    if (data.length > MOST_BYTES || byteLength(data) > MOST_BYTES) return close(socket, TOO_BIG, 'message too big');
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch {
      return this.#send(socket, { v: 1, type: 'error', code: 'malformed_json' });
    }
    const id = idOf(json);
    const message = clientMessage.safeParse(json);
    if (!message.success) return this.#send(socket, { v: 1, type: 'error', id, code: 'invalid_message' });
    await this.#answer(socket, message.data);
  }

  async #answer(socket: WebSocket, message: ClientMessage): Promise<void> {
    const { id } = message;
    const userId = this.#sockets.userOf(socket);
    const earlier = this.#answered.find(userId, id);
    if (earlier) return send(socket, earlier);
    // The same message twice at once is carried out once.
    const key = `${userId} ${id}`;
    const running = this.#running.get(key) ?? this.#safely(userId, message);
    this.#running.set(key, running);
    const outcome = await running;
    this.#running.delete(key);
    if (!outcome.ok) {
      if (outcome.code === 'trip_not_found') return close(socket, NO_MEMBER, 'no longer a member of the trip');
      return this.#send(socket, { v: 1, type: 'error', id, code: outcome.code });
    }
    // The ack was stored with what it acknowledges.
    const ack = this.#answered.find(userId, id);
    if (ack) send(socket, ack);
  }

  async #safely(userId: string, message: ClientMessage): Promise<Outcome> {
    try {
      return await this.#carryOut(userId, message);
    } catch (error) {
      console.log(JSON.stringify({ event: 'live_message_failed', type: message.type, error: String(error) }));
      return { ok: false, code: 'internal_error' };
    }
  }

  /** Where it succeeds, the ack is stored. */
  async #carryOut(userId: string, message: ClientMessage): Promise<Outcome> {
    const { id } = message;
    const remember = (seq: number | null, more: Partial<Ack> = {}) =>
      this.#answered.add(userId, { v: 1, type: 'ack', id, ...(seq === null ? {} : { seq }), ...more });
    const refused = (problem: { code: string }) => ({ ok: false as const, code: problem.code });
    switch (message.type) {
      case 'slot_action': {
        const { slot_id, action, venue_id, time_to_action_ms } = message;
        const request = { slotId: slot_id, action, venueId: venue_id, timeToActionMs: time_to_action_ms };
        const answer = await this.#commands.actOnSlot(userId, request, remember);
        return answer.ok ? { ok: true } : refused(answer.problem);
      }
      case 'trigger': {
        const { trigger, slot_id, mood, delay_minutes, early_minutes, note } = message;
        const ask = {
          id,
          trigger,
          slotId: slot_id,
          mood,
          delayMinutes: delay_minutes,
          earlyMinutes: early_minutes,
          note,
        };
        const answer = await this.#commands.askPivot(userId, ask, (pivot, seq) => remember(seq, { pivot }));
        if (!answer.ok) return refused(answer.problem);
        // Asked before over HTTP: the answer is known, its ack is not.
        if (!this.#answered.find(userId, id)) remember(answer.seq, { pivot: answer.pivot });
        return { ok: true };
      }
      case 'accept':
      case 'dismiss': {
        const optionId = message.type === 'accept' ? message.option_id : undefined;
        const answer = await this.#commands.answerPivot(userId, message.event_id, { response: message.type, optionId });
        if (!answer.ok) return refused(answer.problem);
        const { eventId, response, seq } = answer;
        remember(seq, { outcome: { event_id: eventId, response, option_id: answer.optionId } });
        return { ok: true };
      }
    }
  }

  #send(socket: WebSocket, message: ServerMessage): void {
    send(socket, JSON.stringify(message));
  }
}
