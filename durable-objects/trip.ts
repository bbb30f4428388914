/**
 * The trip's Durable Object: from the making of a trip to its archive, the one place where it is read and changed.
 * Companions watch it over sockets; Postgres follows it through the outbox.
 */
import { DurableObject } from 'cloudflare:workers';
import { dateIn, minutesInto } from '../core/itinerary/local-time.ts';
import { type ReplanProblem, takeOver } from '../core/itinerary/replan.ts';
import type { Trip } from '../core/itinerary/trip.ts';
import {
  actOnSlot,
  type ChangeProblem,
  changeTrip,
  type LocalNow,
  type TripChange,
} from '../core/itinerary/trip-changes.ts';
import { forgetMember, isMember, isOrganiser, join, leave, type MemberProblem } from '../core/live/members.ts';
import type { PivotBody } from '../core/live/messages.ts';
import { memberChanged, slotChanged, tripStatus } from '../core/live/trip-events.ts';
import type { ScoredVenue } from '../core/pivot/pivot.ts';
import { slotActionSignal } from '../core/signal/trip-signal.ts';
import type { Venue } from '../core/venue/venue.ts';
import { openDatabase } from '../platform/database/client.ts';
import { loadTrip } from '../platform/database/trips.ts';
import { venuesById } from '../platform/database/venues.ts';
import { moodCandidates } from '../platform/ranking/mood-candidates.ts';
import { readSettings } from '../platform/settings.ts';
import { openVectorIndex } from '../platform/vectors/open-vector-index.ts';
import { TripAlarm } from './alarm.ts';
import { AnsweredIds } from './answered-ids.ts';
import { Clock } from './clock.ts';
import { LiveConversation } from './live-conversation.ts';
import { LiveSockets } from './live-sockets.ts';
import {
  type PivotAnswer,
  type PivotAsk,
  PivotDesk,
  type PivotProblem,
  type PivotReply,
  type ReplyAnswer,
} from './pivot-desk.ts';
import type { SlotActionRequest } from './slot-action.ts';
import { TripKeeper } from './trip-keeper.ts';

export type TripProblem =
  | ChangeProblem
  | MemberProblem
  | PivotProblem
  | ReplanProblem
  /** No such trip, or not one of the asker's: the two look alike from outside. */
  | { code: 'trip_not_found' }
  | { code: 'venue_not_found' }
  | { code: 'invite_used' };

export type TripAnswer = { ok: true; trip: Trip } | { ok: false; problem: TripProblem };
export type AskAnswer = PivotAnswer | { ok: false; problem: TripProblem };
export type RepliedAnswer = ReplyAnswer | { ok: false; problem: TripProblem };

const refuse = (problem: TripProblem) => ({ ok: false as const, problem });
const NOT_FOUND = refuse({ code: 'trip_not_found' });

/** Storage of a socket's message that belongs to the transaction of what it changes. */
export type Within = (seq: number) => void;

export class TripObject extends DurableObject<Cloudflare.Env> {
  readonly #clock: Clock;
  readonly #keeper: TripKeeper;
  readonly #sockets: LiveSockets;
  readonly #answered: AnsweredIds;
  readonly #pivots: PivotDesk;
  readonly #alarm: TripAlarm;
  readonly #conversation: LiveConversation;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const { storage } = ctx;
    this.#clock = new Clock(storage, env.ENVIRONMENT !== 'production');
    this.#sockets = new LiveSockets(ctx, this.#clock);
    this.#answered = new AnsweredIds(storage.sql);
    this.#keeper = new TripKeeper({
      storage,
      clock: this.#clock,
      fetch: () => loadTrip(this.#database(), ctx.id.name ?? ''),
      changed: (message) => {
        this.#sockets.broadcast(message);
        this.#alarm.set();
      },
    });
    const now = () => this.#clock.now();
    this.#pivots = new PivotDesk(storage.sql, this.#keeper, now, (trip) => this.#localNow(trip));
    this.#alarm = new TripAlarm({
      storage,
      clock: this.#clock,
      keeper: this.#keeper,
      pivots: this.#pivots,
      sockets: this.#sockets,
      // Read when it is needed: a binding is the environment's, not the object's.
      env: () => this.env,
    });
    this.#conversation = new LiveConversation(this.#sockets, this.#answered, this);
  }

  /** A trip that Postgres has just been given, so that the first read need not fetch it. Ignored where there is one. */
  adopt(trip: Trip): void {
    this.#keeper.adopt(trip);
    this.#alarm.set();
  }

  /** The trip, for a member of it. */
  async read(userId: string): Promise<TripAnswer> {
    const trip = await this.#tripOf(userId);
    return trip ? { ok: true, trip } : NOT_FOUND;
  }

  async actOnSlot(userId: string, request: SlotActionRequest, within?: Within): Promise<TripAnswer> {
    const { slotId, action, venueId, timeToActionMs } = request;
    const found = await this.#tripOf(userId);
    if (!found) return NOT_FOUND;
    const wanted = venueId === undefined ? undefined : await this.#venue(found, venueId);
    if (wanted === null) return refuse({ code: 'venue_not_found' });
    // The trip may have moved on while the venue was looked up: decide on what it is now.
    const before = this.#present(userId);
    if (!before) return NOT_FOUND;
    const result = actOnSlot(before, slotId, action, this.#localNow(before), wanted);
    if (!result.ok) return result;
    const { trip } = result;
    const slot = before.slots.find((candidate) => candidate.id === slotId)!;
    const signal = slotActionSignal(trip, slot, action, userId, trip.seq, this.#clock.now(), timeToActionMs);
    this.#keeper.commit(before, trip, slotChanged(before, trip, userId, slotId, action), { send: [signal], within });
    return { ok: true, trip };
  }

  async change(userId: string, change: TripChange): Promise<TripAnswer> {
    const before = await this.#tripOf(userId);
    if (!before) return NOT_FOUND;
    const result = changeTrip(before, change, this.#localNow(before));
    if (!result.ok) return result;
    this.#keeper.commit(before, result.trip, tripStatus(before, result.trip, userId));
    return result;
  }

  /** Takes over a plan made anew from the present trip, whose members stay; refused where the trip has changed since. */
  async replan(userId: string, planned: Trip): Promise<TripAnswer> {
    const before = await this.#tripOf(userId);
    if (!before) return NOT_FOUND;
    const result = takeOver(before, planned, userId);
    if (!result.ok) return result;
    this.#keeper.commit(before, result.trip, tripStatus(before, result.trip, userId));
    return result;
  }

  async askPivot(
    userId: string,
    ask: PivotAsk,
    within?: (body: PivotBody, seq: number | null) => void,
  ): Promise<AskAnswer> {
    const since = performance.now();
    const trip = await this.#tripOf(userId);
    if (!trip) return NOT_FOUND;
    const known = this.#pivots.asked(trip, userId, ask.id);
    if (known) return known;
    const candidates = ask.trigger === 'mood' ? await this.#moodCandidates(trip) : null;
    const before = this.#present(userId);
    return before ? this.#pivots.ask(before, userId, ask, candidates, since, within) : NOT_FOUND;
  }

  async answerPivot(userId: string, eventId: string, reply: PivotReply): Promise<RepliedAnswer> {
    const trip = await this.#tripOf(userId);
    return trip ? this.#pivots.reply(trip, userId, eventId, reply) : NOT_FOUND;
  }

  /** `inviteHash`: of the invite that brings them; each brings one person, once. Whoever is a member already stays one. */
  async join(userId: string, inviteHash: string): Promise<TripAnswer> {
    const trip = await this.#keeper.load();
    if (!trip) return NOT_FOUND;
    if (isMember(trip, userId)) return { ok: true, trip };
    const key = `invite:${inviteHash}`;
    if (this.ctx.storage.kv.get(key) === true) return refuse({ code: 'invite_used' });
    const result = join(trip, userId);
    if (!result.ok) return result;
    this.#keeper.commit(trip, result.trip, memberChanged(result.trip, userId, userId, 'joined'), {
      within: () => this.ctx.storage.kv.put(key, true),
    });
    return result;
  }

  /** `memberId`: the asker themselves, or, for the organiser, anybody. */
  async removeMember(userId: string, memberId: string): Promise<TripAnswer> {
    const trip = await this.#tripOf(userId);
    if (!trip) return NOT_FOUND;
    const result = leave(trip, userId, memberId);
    if (!result.ok) return result;
    const how = userId === memberId ? 'left' : 'removed';
    this.#keeper.commit(trip, result.trip, memberChanged(result.trip, userId, memberId, how));
    this.#sockets.closeUser(memberId);
    return result;
  }

  /** The account is deleted: nothing here leads back to the person. A trip that nobody else is in goes with them. */
  async forgetUser(userId: string): Promise<void> {
    const trip = await this.#keeper.load();
    if (!trip) return;
    this.#sockets.closeUser(userId);
    const after = forgetMember(trip, userId);
    if (!after) {
      this.#keeper.remove(trip);
      this.#alarm.set();
      return;
    }
    const scrub = () => {
      this.#keeper.log.forget(userId);
      this.#answered.forget(userId);
      this.#pivots.store.forget(userId);
    };
    if (after === trip) this.#keeper.note({ within: scrub });
    else this.#keeper.commit(trip, after, memberChanged(after, null, null, 'left'), { within: scrub });
  }

  /** Gone at once for everybody; Postgres follows. Only the organiser may. */
  async remove(userId: string): Promise<TripAnswer> {
    const trip = await this.#tripOf(userId);
    if (!trip) return NOT_FOUND;
    if (!isOrganiser(trip, userId)) return refuse({ code: 'organiser_only' });
    this.#keeper.remove(trip);
    this.#sockets.closeAll(1000, 'the trip was deleted');
    this.#alarm.set();
    return { ok: true, trip };
  }

  /** For the projection: what Postgres is to say; null where there is nothing to say (any more). */
  async snapshot(): Promise<Trip | null> {
    return this.#keeper.load();
  }

  /** After Postgres forgot a deleted trip: the object forgets it too. */
  async forget(): Promise<void> {
    if (this.#keeper.gone) await this.#keeper.empty();
  }

  /** For tests and rehearsals: from now on it is `time` here, milliseconds since the epoch. Throws in production. */
  async setClock(time: number | null): Promise<void> {
    this.#clock.set(time);
    await this.#keeper.load();
    this.#alarm.set();
  }

  /** The upgrade to a socket; the Worker has made sure who asks. */
  override async fetch(request: Request): Promise<Response> {
    const userId = request.headers.get('x-user-id') ?? '';
    if (!(await this.#tripOf(userId))) return new Response(null, { status: 404 });
    const response = this.#conversation.open(request, userId, this.#keeper);
    this.#alarm.set();
    return response;
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.#conversation.heard(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.announcePresence(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.announcePresence(socket);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.fired();
  }

  #localNow({ city: { timeZone } }: Trip): LocalNow {
    const now = this.#clock.now();
    const date = dateIn(timeZone, now);
    return { date, minutes: minutesInto(date, timeZone, now) };
  }

  async #tripOf(userId: string): Promise<Trip | null> {
    const here = this.#keeper.here !== null;
    const trip = await this.#keeper.load();
    if (trip && !here) this.#alarm.set();
    return this.#present(userId);
  }

  /** The trip as it is at this moment, for a member of it. */
  #present(userId: string): Trip | null {
    const trip = this.#keeper.here;
    return trip && isMember(trip, userId) ? trip : null;
  }

  #database() {
    return openDatabase(readSettings(this.env).databaseUrl);
  }

  /** Null where no search can be made: then what the trip stores has to do. */
  async #moodCandidates(trip: Trip): Promise<ScoredVenue[] | null> {
    try {
      const settings = readSettings(this.env);
      const database = openDatabase(settings.databaseUrl);
      const vectors = openVectorIndex(settings, database);
      return await moodCandidates({ database, vectors }, trip, this.#localNow(trip).date);
    } catch (error) {
      console.log(JSON.stringify({ event: 'mood_search_failed', trip_id: trip.id, error: String(error) }));
      return null;
    }
  }

  /** A venue of the trip's city: one that the trip knows, or one that the database has. */
  async #venue(trip: Trip, venueId: string): Promise<Venue | null> {
    const known = trip.venues[venueId];
    if (known) return known;
    return (await venuesById(this.#database(), [venueId], trip.city.id)).get(venueId) ?? null;
  }
}
