/** Which ranking showed what a signal is about: one made before it, or none. */
import type { Database } from '../../database/client.ts';
import type { StoredSignal } from '../../database/extraction.ts';
import { lastRankingsBefore, rankingsById, rankingsOfSlots, type ShownRanking } from '../../database/shown-rankings.ts';
import { RecentlyUsed } from './recently-used.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Asking = Pick<StoredSignal, 'id' | 'actor_key' | 'trip_id' | 'slot_id' | 'occurred' | 'context'>;

function named({ context: { ranking_event_id: id } }: Asking): string | null {
  return typeof id === 'string' && UUID.test(id) ? id : null;
}

export class RankingFinder {
  readonly #database: Database;
  readonly #ofSlots = new RecentlyUsed<string, string | null | undefined>(20_000);
  readonly #rankings = new RecentlyUsed<string, ShownRanking | undefined>(20_000);

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * The ranking that the signal names (its actor's own, or its trip's), or that of its slot; of a slot that is gone, the
   * last one of its trip, day and day part before it.
   */
  async find(signals: readonly Asking[]): Promise<(ShownRanking | null)[]> {
    const slots = signals.flatMap((signal) => (named(signal) === null && signal.slot_id) || []);
    const ofSlots = await this.#ofSlots.getAll(slots, (ids) => rankingsOfSlots(this.#database, ids));
    const keys = signals.map((signal) => named(signal) ?? ofSlots.get(signal.slot_id ?? '') ?? null);
    const rankings = await this.#rankings.getAll(
      keys.filter((key) => key !== null),
      (ids) => rankingsById(this.#database, ids),
    );
    const found = signals.map((signal, i) => {
      const ranking = rankings.get(keys[i] ?? '');
      if (!ranking || ranking.at > signal.occurred) return null;
      const own = ranking.actor_key === signal.actor_key || ranking.trip_id === (signal.trip_id ?? '');
      return named(signal) === null || own ? ranking : null;
    });
    const lost = signals.filter(
      (signal) =>
        named(signal) === null && signal.slot_id && signal.trip_id && ofSlots.get(signal.slot_id) === undefined,
    );
    const last = await lastRankingsBefore(
      this.#database,
      lost.map(({ id }) => id),
    );
    return found.map((ranking, i) => ranking ?? last.get(signals[i]!.id) ?? null);
  }
}
