/** The open sockets of a trip. They outlive the object's time in memory: what is known of one stands in its attachment. */
import { PROTOCOL, type ServerMessage } from '../core/live/messages.ts';
import type { Clock } from './clock.ts';

/** Codes of our own (4000 to 4999): the token's time is over; no longer a member. */
export const TOKEN_EXPIRED = 4401;
export const NO_MEMBER = 4403;
const POLICY_VIOLATION = 1008;

/** A socket may send so many messages at once, and so many a second in the long run. */
const BURST = 60;
const A_SECOND = 20;

interface Attachment {
  userId: string;
  /** Of the token, milliseconds since the epoch. */
  expiresAt: number;
  /** What is left of the burst when it was last looked at. */
  allowance: number;
  lookedAt: number;
}

export class LiveSockets {
  readonly #ctx: DurableObjectState;
  readonly #clock: Clock;

  constructor(ctx: DurableObjectState, clock: Clock) {
    this.#ctx = ctx;
    this.#clock = clock;
    // Answered by the platform, without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  /** The server's end and the response that opens the client's. */
  accept(userId: string, expiresAt: number, namesProtocol: boolean): { socket: WebSocket; response: Response } {
    const { 0: client, 1: socket } = new WebSocketPair();
    this.#ctx.acceptWebSocket(socket);
    this.#attach(socket, { userId, expiresAt, allowance: BURST, lookedAt: this.#clock.now() });
    const headers: HeadersInit = namesProtocol ? { 'sec-websocket-protocol': PROTOCOL } : {};
    return { socket, response: new Response(null, { status: 101, webSocket: client, headers }) };
  }

  userOf(socket: WebSocket): string {
    return this.#attachment(socket).userId;
  }

  /** Counts a message. False, and closed, where the socket may not send it: too many of them, or its token has expired. */
  admits(socket: WebSocket): boolean {
    // What was on its way when the socket was closed.
    if (socket.readyState !== WebSocket.READY_STATE_OPEN) return false;
    const attachment = this.#attachment(socket);
    const now = this.#clock.now();
    if (now >= attachment.expiresAt) {
      close(socket, TOKEN_EXPIRED, 'the token has expired');
      return false;
    }
    // A clock that goes backwards refills nothing and takes nothing away.
    const refilled = (Math.max(0, now - attachment.lookedAt) / 1000) * A_SECOND;
    const allowance = Math.min(BURST, attachment.allowance + refilled) - 1;
    if (allowance < 0) {
      close(socket, POLICY_VIOLATION, 'too many messages');
      return false;
    }
    this.#attach(socket, { ...attachment, allowance, lookedAt: now });
    return true;
  }

  broadcast(text: string): void {
    for (const socket of this.#open()) send(socket, text);
  }

  /** Tells everybody who is there. `without`: a socket that is closing. */
  announcePresence(without?: WebSocket): void {
    const members = [...new Set(this.#open(without).map((socket) => this.userOf(socket)))].sort();
    const message: ServerMessage = { v: 1, type: 'presence', members };
    const text = JSON.stringify(message);
    for (const socket of this.#open(without)) send(socket, text);
  }

  closeUser(userId: string): void {
    for (const socket of this.#open()) {
      if (this.userOf(socket) === userId) close(socket, NO_MEMBER, 'no longer a member of the trip');
    }
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.#open()) close(socket, code, reason);
  }

  closeExpired(): void {
    const now = this.#clock.now();
    for (const socket of this.#open()) {
      if (now >= this.#attachment(socket).expiresAt) close(socket, TOKEN_EXPIRED, 'the token has expired');
    }
  }

  /** When the first token expires; null where there is no socket. */
  nextExpiry(): number | null {
    const times = this.#open().map((socket) => this.#attachment(socket).expiresAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  #open(without?: WebSocket): WebSocket[] {
    return this.#ctx
      .getWebSockets()
      .filter((socket) => socket !== without && socket.readyState === WebSocket.READY_STATE_OPEN);
  }

  #attachment(socket: WebSocket): Attachment {
    return socket.deserializeAttachment() as Attachment;
  }

  #attach(socket: WebSocket, attachment: Attachment): void {
    socket.serializeAttachment(attachment);
  }
}

/** To a socket that may have closed in the meantime. */
export function send(socket: WebSocket, text: string): void {
  if (socket.readyState === WebSocket.READY_STATE_OPEN) socket.send(text);
}

/** Whoever is gone already need not be told. */
export function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {}
}
