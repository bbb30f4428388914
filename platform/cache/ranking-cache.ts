/** Cached rankings in Workers KV. Keys: `core/ranking/cache-key.ts`. */
import type { Ranking } from '../../core/ranking/ranker.ts';

/** A key holds the versions of ranker and catalogue, so that what expires is only what nobody asks for any more. */
const KEPT_SECONDS = 14 * 24 * 3600;

/** KV takes this many keys in one read. */
const KEYS_A_READ = 100;

export interface RankingCache {
  /** The rankings that there are, by key. */
  read(keys: readonly string[]): Promise<Map<string, Ranking>>;
  write(key: string, ranking: Ranking): Promise<void>;
}

export function kvRankingCache(kv: KVNamespace): RankingCache {
  return {
    async read(keys) {
      const found = new Map<string, Ranking>();
      for (let at = 0; at < keys.length; at += KEYS_A_READ) {
        const page = await kv.get<Ranking>(keys.slice(at, at + KEYS_A_READ), 'json');
        for (const [key, ranking] of page) if (ranking !== null) found.set(key, ranking);
      }
      return found;
    },
    async write(key, ranking) {
      await kv.put(key, JSON.stringify(ranking), { expirationTtl: KEPT_SECONDS });
    },
  };
}
