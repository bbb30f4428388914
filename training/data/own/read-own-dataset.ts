/** The folder of our own data set as a `Dataset`, point in time: nothing in it is younger than the event that it explains. */
import { join } from 'node:path';
import { DAY_PARTS } from '../../../core/ranking/ranker.ts';
import { MANIFEST, type Manifest } from '../../../platform/artifacts/dataset/manifest.ts';
import { DataError } from '../data-error.ts';
import type { CandidateSet, Dataset, InteractionContext, Interactions } from '../dataset.ts';
import { type CandidateSetRow, candidateSetOf, Personas } from './candidate-sets.ts';
import { openManifest, tableRows } from './parquet-table.ts';
import { RefusedData } from './refused-data.ts';
import { decisionsOf, isEligible, isSuperseded, type SignalRow, trainingWeight } from './signal-interactions.ts';
import { type VenueVersionRow, VenueVersions } from './venue-versions.ts';

export interface OwnDataOptions {
  /** Of the settings. Only `development` may train on anything but what warm travellers did. */
  environment: string;
  /** False: in development, too, only that. Default true. */
  allowSynthetic?: boolean;
  /** Outside development: leave out what may not be trained on, and go on with the rest. Default false: refuse the data set. */
  leaveOutRefused?: boolean;
}

/** An interaction on its way: of a signal, the venues that it decided on. */
interface Decision {
  row: SignalRow;
  item: number;
  accepted: boolean;
}

class Index {
  readonly ids: string[] = [];
  readonly #index = new Map<string, number>();
  of = (id: string): number => {
    let index = this.#index.get(id);
    if (index === undefined) {
      index = this.ids.push(id) - 1;
      this.#index.set(id, index);
    }
    return index;
  };
}

/**
 * Ranking data is `user_behavioral` of travellers who were warm at the event; in development everything is taken, with the
 * weights of invariant 5, but for synthetic rows once real users have superseded them.
 * @throws RefusedData outside development where there is anything else (or, with `leaveOutRefused`, nothing but that);
 *   DataError where a file is missing, damaged, or has a feature younger than its event.
 */
export async function readOwnDataset(folder: string, options: OwnDataOptions): Promise<Dataset> {
  const { environment, allowSynthetic = true, leaveOutRefused = false } = options;
  const takesAll = environment === 'development' && allowSynthetic;
  const { manifest, sha256 } = await openManifest(folder);

  const versions = await readVenueVersions(folder, manifest);
  const items = new Index();
  for (const id of [...versions.ids()].sort()) items.of(id);
  const personas = new Personas();
  const offered = await readCandidateSets(folder, manifest, items.of, personas);

  const refused: Record<string, { warm: number; cold: number }> = {};
  const decisions: Decision[] = [];
  let eligible = 0;
  let signals = 0;
  for await (const { file, rows } of tableRows<SignalRow>(folder, manifest, 'signals')) {
    for (const row of rows) {
      signals++;
      checkPointInTime(row, offered, join(folder, file.path));
      const made = decisionsOf(row);
      if (made.length === 0) continue;
      if (isEligible(row)) eligible++;
      else if (!takesAll) {
        refused[row.source] ??= { warm: 0, cold: 0 };
        refused[row.source]![row.warm_at_event ? 'warm' : 'cold']++;
        continue;
      }
      // Not every model reads weights: a row that real users have superseded is no row.
      if (isSuperseded(row, manifest.seasoned_users)) continue;
      for (const { venueId, accepted } of made) decisions.push({ row, item: items.of(venueId), accepted });
    }
  }
  const hasRefused = Object.keys(refused).length > 0;
  if (hasRefused && (!leaveOutRefused || eligible === 0)) throw new RefusedData(folder, refused, eligible);
  if (decisions.length === 0) throw new DataError('empty', { file: folder }, 'no interactions in it');

  const built = interactionsOf(decisions, items.ids, offered, manifest.seasoned_users);
  const { interactions } = built;
  const named = (field: string) => ({ file: folder, field });
  if (interactions.users.length < 2)
    throw new DataError('too_few_users', named('actor_key'), 'one user: nothing to compare');
  if (new Set(interactions.item).size < 2)
    throw new DataError('too_few_items', named('venue_id'), 'one item: nothing to choose');

  const kept = takesAll ? null : new Set(built.context.candidateSet);
  const candidateSets = [...offered.values()].filter((_, i) => !kept || kept.has(i));
  if (kept) renumber(built.context.candidateSet);
  const end = interactions.time.reduce((latest, time) => Math.max(latest, time), 0);
  const known = items.ids.map((id) => versions.at(id, end));
  return {
    interactions,
    lineage: {
      sources: [{ path: join(folder, MANIFEST), sha256, rows: signals }],
      rows: built.rows,
      synthetic: decisions.some(({ row }) => row.synthetic || row.lineage !== 'user_behavioral'),
      ...(hasRefused ? { refused } : {}),
    },
    own: {
      context: built.context,
      personas: personas.all,
      candidateSets,
      venues: known.map((version) => version?.venue ?? null),
      cities: known.map((version) => version?.city ?? ''),
    },
  };
}

async function readVenueVersions(folder: string, manifest: Manifest): Promise<VenueVersions> {
  const versions = new VenueVersions();
  for await (const { rows } of tableRows<VenueVersionRow>(folder, manifest, 'venues')) {
    for (const row of rows) versions.add(row);
  }
  return versions;
}

async function readCandidateSets(
  folder: string,
  manifest: Manifest,
  itemOf: (venueId: string) => number,
  personas: Personas,
): Promise<Map<string, CandidateSet>> {
  const sets = new Map<string, CandidateSet>();
  for await (const { file, rows } of tableRows<CandidateSetRow>(folder, manifest, 'candidate_sets')) {
    for (const row of rows)
      sets.set(row.ranking_event_id, candidateSetOf(row, join(folder, file.path), itemOf, personas));
  }
  return sets;
}

/** What was logged of a ranking explains only what came after it. */
function checkPointInTime(row: SignalRow, sets: ReadonlyMap<string, CandidateSet>, file: string): void {
  const set = row.ranking_event_id === null ? undefined : sets.get(row.ranking_event_id);
  if (!set || set.time <= row.occurred_at.getTime()) return;
  throw new DataError(
    'from_the_future',
    { file, field: 'ranking_event_id' },
    `signal ${row.signal_id} of ${row.occurred_at.toISOString()} refers to a ranking of ${new Date(set.time).toISOString()}`,
  );
}

function interactionsOf(
  decisions: Decision[],
  items: readonly string[],
  sets: ReadonlyMap<string, CandidateSet>,
  seasonedUsers: number,
) {
  const users = new Index();
  const trips = new Index();
  const setIndex = new Map([...sets.keys()].map((id, i) => [id, i]));
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  decisions.sort(
    ({ row: a }, { row: b }) =>
      text(a.actor_key, b.actor_key) ||
      a.occurred_at.getTime() - b.occurred_at.getTime() ||
      text(a.signal_id, b.signal_id),
  );
  const n = decisions.length;
  const interactions: Interactions = {
    users: users.ids,
    items,
    user: new Int32Array(n),
    item: new Int32Array(n),
    time: new Float64Array(n),
    accepted: new Uint8Array(n),
    weight: new Float32Array(n),
    rating: null,
  };
  const signalType: string[] = [];
  const context: InteractionContext = {
    persona: new Int32Array(n).fill(-1),
    candidateSet: new Int32Array(n).fill(-1),
    trip: new Int32Array(n).fill(-1),
    tripDay: new Int16Array(n),
    dayPart: new Int8Array(n),
    groupSize: new Int16Array(n),
    warm: new Uint8Array(n),
    signalType,
  };
  const rows: Record<string, number> = {};
  for (const [i, { row, item, accepted }] of decisions.entries()) {
    interactions.user[i] = users.of(row.actor_key);
    interactions.item[i] = item;
    interactions.time[i] = row.occurred_at.getTime();
    interactions.accepted[i] = accepted ? 1 : 0;
    interactions.weight[i] = trainingWeight(row, seasonedUsers);
    const set = row.ranking_event_id === null ? undefined : sets.get(row.ranking_event_id);
    if (set) {
      // A group's snapshots do not say which one is whose.
      if (set.personas.length === 1 && set.actor === row.actor_key) context.persona[i] = set.personas[0]!;
      if (set.items.includes(item)) context.candidateSet[i] = setIndex.get(set.id)!;
    }
    if (row.trip_id !== null) context.trip[i] = trips.of(row.trip_id);
    context.tripDay[i] = row.day_of_trip ?? 0;
    context.dayPart[i] = (DAY_PARTS as readonly (string | null)[]).indexOf(row.day_part);
    context.groupSize[i] = row.group_size ?? 0;
    context.warm[i] = row.warm_at_event ? 1 : 0;
    signalType.push(row.signal_type);
    rows[row.lineage] = (rows[row.lineage] ?? 0) + 1;
  }
  return { interactions, context, rows };
}

/** Indices of some become indices of those alone, in the same order; -1 stays. */
function renumber(indices: Int32Array): void {
  const used = [...new Set(indices)].filter((i) => i >= 0).sort((a, b) => a - b);
  const to = new Map(used.map((old, i) => [old, i]));
  for (let i = 0; i < indices.length; i++) if (indices[i]! >= 0) indices[i] = to.get(indices[i]!)!;
}
