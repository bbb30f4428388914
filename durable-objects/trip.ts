/**
 * The trip's Durable Object: from the making of a trip to its archive, the one place where it is read and changed.
 * Companions watch it over sockets; Postgres follows it through the outbox.
 */
import { DurableObject } from 'cloudflare:workers';
import { withVenuesReopened } from '../core/itinerary/closures.ts';
import { takeOver } from '../core/itinerary/replan.ts';
import type { Trip } from '../core/itinerary/trip.ts';
import { actOnSlot, changeTrip, type TripChange } from '../core/itinerary/trip-changes.ts';
import { forgetMember, isMember, isOrganiser, join, leave } from '../core/live/members.ts';
import type { PivotBody } from '../core/live/messages.ts';
import { withoutAlternatives } from '../core/live/trip-body.ts';
import { memberChanged, slotChanged, tripStatus } from '../core/live/trip-events.ts';
import { slotActionSignal } from '../core/signal/trip-signal.ts';
import type { Spell } from '../core/weather/rain.ts';
import type { RankingLog } from '../platform/database/ranking-log.ts';
import { TripAlarm } from './alarm.ts';
import { AnsweredIds } from './answered-ids.ts';
import { Clock } from './clock.ts';
import { LiveConversation } from './live-conversation.ts';
import { LiveSockets } from './live-sockets.ts';
import { Lookups } from './lookups.ts';
import { type PivotAsk, PivotDesk, type PivotReply } from './pivot-desk.ts';
import { RainWatch } from './rain-watch.ts';
import type { SlotActionRequest } from './slot-action.ts';
import type { AskAnswer, Projection, RepliedAnswer, TripAnswer, TripProblem } from './trip-answer.ts';
import { TripKeeper } from './trip-keeper.ts';

const answer = (trip: Trip) => ({ ok: true as const, trip: withoutAlternatives(trip) });
const refuse = (problem: TripProblem) => ({ ok: false as const, problem });
const NOT_FOUND = refuse({ code: 'trip_not_found' });

/** Storage of a socket's message that belongs to the transaction of what it changes. */
export type Within = (seq: number) => void;

export class TripObject extends DurableObject<Cloudflare.Env> {
  readonly #clock: Clock;
  readonly #lookups: Lookups;
  readonly #keeper: TripKeeper;
  readonly #sockets: LiveSockets;
  readonly #answered: AnsweredIds;
  readonly #pivots: PivotDesk;
  readonly #rain: RainWatch;
  readonly #alarm: TripAlarm;
  readonly #conversation: LiveConversation;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const { storage } = ctx;
    // Read when it is needed: a binding is the environment's, not the object's.
    const present = () => this.env;
    this.#clock = new Clock(storage, env.ENVIRONMENT !== 'production');
    this.#lookups = new Lookups(present);
    this.#sockets = new LiveSockets(ctx, this.#clock);
    this.#answered = new AnsweredIds(storage.sql);
    this.#keeper = new TripKeeper({
      storage,
      clock: this.#clock,
      fetch: () => this.#lookups.trip(ctx.id.name ?? ''),
      changed: (message) => {
        if (message !== null) this.#sockets.broadcast(message);
        this.#alarm.setAfterChange();
      },
    });
    this.#pivots = new PivotDesk(storage.sql, this.#keeper, this.#clock);
    this.#rain = new RainWatch(storage, this.#keeper, this.#pivots, this.#clock);
    this.#alarm = new TripAlarm({
      storage,
      clock: this.#clock,
      keeper: this.#keeper,
      pivots: this.#pivots,
      sockets: this.#sockets,
      env: present,
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
    return trip ? answer(trip) : NOT_FOUND;
  }

  async actOnSlot(userId: string, request: SlotActionRequest, within?: Within): Promise<TripAnswer> {
    const { slotId, action, venueId, timeToActionMs } = request;
    const found = await this.#tripOf(userId);
    if (!found) return NOT_FOUND;
    const wanted = venueId === undefined ? undefined : await this.#lookups.venue(found, venueId);
    if (wanted === null) return refuse({ code: 'venue_not_found' });
    // The trip may have moved on while the venue was looked up: decide on what it is now.
    const before = this.#present(userId);
    if (!before) return NOT_FOUND;
    const result = actOnSlot(before, slotId, action, this.#clock.localNow(before), wanted);
    if (!result.ok) return result;
    const { trip } = result;
    const slot = before.slots.find((candidate) => candidate.id === slotId)!;
    const signal = slotActionSignal(trip, slot, action, userId, trip.seq, this.#clock.now(), timeToActionMs);
    this.#keeper.commit(before, trip, slotChanged(before, trip, userId, slotId, action), { send: [signal], within });
    return answer(trip);
  }

  async change(userId: string, change: TripChange): Promise<TripAnswer> {
    const before = await this.#tripOf(userId);
    if (!before) return NOT_FOUND;
    const result = changeTrip(before, change, this.#clock.localNow(before));
    if (!result.ok) return result;
    this.#keeper.commit(before, result.trip, tripStatus(before, result.trip, userId));
    return answer(result.trip);
  }

  /**
   * Takes over a plan made anew from the present trip, whose members stay, with the log of its rankings; refused where the
   * trip has changed since.
   */
  async replan(userId: string, planned: Trip, log: RankingLog): Promise<TripAnswer> {
    const before = await this.#tripOf(userId);
    if (!before) return NOT_FOUND;
    const result = takeOver(before, planned, userId);
    if (!result.ok) return result;
    this.#keeper.commit(before, result.trip, tripStatus(before, result.trip, userId), {
      within: () => this.#keeper.rankings.add(log),
    });
    return answer(result.trip);
  }

  async askPivot(
    userId: string,
    ask: PivotAsk,
    within?: (body: PivotBody, seq: number | null) => void,
  ): Promise<AskAnswer> {
    const since = performance.now();
    const trip = await this.#tripOf(userId);
    if (!trip) return NOT_FOUND;
    const isSearched = ask.trigger === 'mood' && !this.#pivots.asked(trip, userId, ask.id);
    const { date } = this.#clock.localNow(trip);
    const candidates = isSearched ? await this.#lookups.moodCandidates(trip, userId, date) : null;
    const before = this.#present(userId);
    return before ? this.#pivots.ask(before, userId, ask, candidates, since, within) : NOT_FOUND;
  }

  async answerPivot(userId: string, eventId: string, reply: PivotReply): Promise<RepliedAnswer> {
    const trip = await this.#tripOf(userId);
    if (!trip) return NOT_FOUND;
    const replied = this.#pivots.reply(trip, userId, eventId, reply);
    return replied.ok ? { ...replied, ...answer(replied.trip) } : replied;
  }

  /** The rain that is forecast for the trip's city. Answers how many suggestions it makes; the same again makes none. */
  async expectRain(spells: readonly Spell[]): Promise<number> {
    await this.#load();
    const trip = this.#keeper.here;
    return trip ? this.#rain.expect(trip, spells) : 0;
  }

  /** `inviteHash`: of the invite that brings them; each brings one person, once. Whoever is a member already stays one. */
  async join(userId: string, inviteHash: string): Promise<TripAnswer> {
    const trip = await this.#keeper.load();
    if (!trip) return NOT_FOUND;
    if (isMember(trip, userId)) return answer(trip);
    const key = `invite:${inviteHash}`;
    if (this.ctx.storage.kv.get(key) === true) return refuse({ code: 'invite_used' });
    const result = join(trip, userId);
    if (!result.ok) return result;
    this.#keeper.commit(trip, result.trip, memberChanged(result.trip, userId, userId, 'joined'), {
      within: () => this.ctx.storage.kv.put(key, true),
    });
    return answer(result.trip);
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
    return answer(result.trip);
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
    return answer(trip);
  }

  /** The trip; null where there is none (any more). */
  async snapshot(): Promise<Trip | null> {
    return this.#keeper.load();
  }

  /** For the projection: what Postgres is to say, and the logs of rankings that it has not been told of. */
  async projection(): Promise<Projection> {
    const trip = await this.#keeper.load();
    const rankings = this.#keeper.rankings.all();
    if (!trip) return { trip, rankings };
    const { venues: _, ...record } = trip;
    return { trip: record, rankings };
  }

  /** After Postgres was told of the rankings with these candidate sets. */
  async logged(candidateSetIds: readonly string[]): Promise<void> {
    this.#keeper.rankings.drop(candidateSetIds);
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

  async #tripOf(userId: string): Promise<Trip | null> {
    await this.#load();
    return this.#present(userId);
  }

  async #load(): Promise<void> {
    const here = this.#keeper.here !== null;
    const trip = await this.#keeper.load();
    if (trip && !here) this.#alarm.set();
    if (trip?.closures?.length) this.#keeper.note({ trip: withVenuesReopened(trip, this.#clock.localNow(trip).date) });
  }

  /** The trip as it is at this moment, for a member of it. */
  #present(userId: string): Trip | null {
    const trip = this.#keeper.here;
    return trip && isMember(trip, userId) ? trip : null;
  }
}
