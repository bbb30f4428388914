/** How a version orders ten candidates that were shown in random order. */
import type { Interval } from '../experiment/bootstrap.ts';
import { intervals, means, sumByUser } from '../experiment/bootstrap.ts';
import { Random } from '../experiment/random.ts';
import type { NoSupport } from './hit-rate.ts';

export const SHOWN = 10;

/** Ten candidates of one ranking, as the version orders them. */
export interface OrderedShown {
  actorKey: string;
  /** Best first. */
  order: readonly string[];
  taken: ReadonlySet<string>;
}

/**
 * Mean NDCG@10 with gains of 0 and 1 (Järvelin and Kekäläinen 2002, ACM TOIS 20), over the lists of which something was taken;
 * random order on the screen is what keeps the place from deciding. The interval is of a bootstrap over actors.
 */
export function shownNdcg(
  lists: readonly OrderedShown[],
  { level, fewest, seed = 1 }: { level: number; fewest: number; seed?: number },
): { kind: 'value'; value: number; interval: Interval | null; lists: number } | NoSupport {
  const scored = lists.filter(({ taken, order }) => order.some((venueId) => taken.has(venueId)));
  if (scored.length < fewest) {
    const message = `${scored.length} lists of ${SHOWN} shown in random order of which something was taken (at least ${fewest} are needed)`;
    return { kind: 'no_support', message };
  }
  const actors = new Map<string, number>();
  const cluster = scored.map(({ actorKey }) => {
    if (!actors.has(actorKey)) actors.set(actorKey, actors.size);
    return actors.get(actorKey)!;
  });
  const sums = sumByUser(Float64Array.from(scored, ndcg), 1, cluster);
  const [interval] = intervals(sums, { resamples: 1000, level, method: 'percentile' }, Random.of(seed, 'shown-ndcg'));
  return { kind: 'value', value: means(sums)[0]!, interval: interval ?? null, lists: scored.length };
}

function ndcg({ order, taken }: OrderedShown): number {
  let gain = 0;
  let ideal = 0;
  let hits = 0;
  for (const [place, venueId] of order.slice(0, SHOWN).entries()) {
    if (!taken.has(venueId)) continue;
    gain += 1 / Math.log2(place + 2);
    ideal += 1 / Math.log2(hits++ + 2);
  }
  return gain / ideal;
}
