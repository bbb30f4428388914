/** A request through the code that trains: what the trained files say of it when they are fed as training feeds them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import type { MlMoment, MlRequest } from '../../../core/ranking/ml-ranker.ts';
import { DAY_PARTS } from '../../../core/ranking/ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import type { DlrmConfig } from '../../../models/dlrm/config.ts';
import { offerFeeds } from '../../../models/dlrm/examples.ts';
import { dlrmLogits } from '../../../models/dlrm/graph.ts';
import { DENSE_FEATURES, GROUPS } from '../../../models/dlrm/inputs.ts';
import type { ServingValues } from '../../../models/dlrm/serving-graph.ts';
import type { OwnData } from '../../../models/own-content.ts';
import { candidateFeeds, historyFeeds, type Moments, momentsOf } from '../../../models/u-sasrec/sequences.ts';
import type { Interactions } from '../../../training/data/dataset.ts';
import type { Feeds } from '../../../training/engine/session.ts';
import { Scorer } from '../../../training/frozen-model.ts';

export function artifactFile(path: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(`../../../models/artifacts/${path}`, import.meta.url))));
}

export async function runNatively(session: ort.InferenceSession, feeds: Feeds): Promise<Record<string, Float32Array>> {
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => [name, new ort.Tensor(data as never, [...shape])]),
  );
  const outputs = await session.run(tensors);
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
}

export interface LoggedCase {
  moments: Moments;
  own: OwnData;
  /** Row of what followed the history. */
  row: number;
  /** Of each candidate. */
  items: number[];
  venues: readonly Venue[];
}

/** The request's past as rows of a data set, its moment as the row after them. */
export function loggedCase({ persona, history, historyVenues, candidates }: MlRequest, moment: MlMoment): LoggedCase {
  const venues = [...new Map([...historyVenues, ...candidates.map((venue) => [venue.id, venue] as const)]).values()];
  const place = new Map(venues.map(({ id }, item) => [id, item]));
  const rows = [...history, { ...moment, venueId: candidates[0]!.id, accepted: true }];
  const interactions: Interactions = {
    users: ['traveller'],
    items: venues.map(({ id }) => id),
    user: new Int32Array(rows.length),
    item: Int32Array.from(rows, ({ venueId }) => place.get(venueId)!),
    time: Float64Array.from(rows, ({ at }) => at),
    accepted: Uint8Array.from(rows, ({ accepted }) => (accepted ? 1 : 0)),
    weight: new Float32Array(rows.length).fill(1),
    rating: null,
  };
  const own: OwnData = {
    context: {
      persona: new Int32Array(rows.length),
      candidateSet: new Int32Array(rows.length).fill(-1),
      trip: new Int32Array(rows.length),
      tripDay: Int16Array.from(rows, ({ tripDay }) => tripDay ?? 0),
      dayPart: Int8Array.from(rows, ({ dayPart }) => (dayPart === null ? -1 : DAY_PARTS.indexOf(dayPart))),
      groupSize: new Int16Array(rows.length).fill(1),
      warm: new Uint8Array(rows.length).fill(1),
      signalType: rows.map(() => 'slot_accept'),
    },
    personas: [persona],
    candidateSets: [],
    venues,
    cities: venues.map(() => 'somewhere'),
  };
  const items = candidates.map(({ id }) => place.get(id)!);
  return { moments: momentsOf(interactions, own), own, row: rows.length - 1, items, venues };
}

/** Feeds whose item ids, 3 + the item, are those of `ids` instead. */
function withIds(feeds: Feeds, names: readonly string[], ids: readonly number[]): Feeds {
  const renamed = names.map((name) => {
    const { data, shape } = feeds[name]!;
    return [name, { data: Int32Array.from(data as Int32Array, (id) => (id < 3 ? id : ids[id - 3]!)), shape }] as const;
  });
  return { ...feeds, ...Object.fromEntries(renamed) };
}

/** The state of the past, and the score of each candidate. `idOf`: of a venue, its row of the model's item table. */
export async function sequenceReference(
  session: ort.InferenceSession,
  { moments, row, items, venues }: LoggedCase,
  length: number,
  idOf: (venueId: string) => number,
): Promise<{ state: Float32Array; scores: Float32Array }> {
  const all = () => true;
  const feeds = { ...historyFeeds(moments, [row], length, all), ...candidateFeeds(items, all) };
  const ids = venues.map(({ id }) => idOf(id));
  const outputs = await runNatively(session, withIds(feeds, ['history_ids', 'candidate_ids'], ids));
  return { state: outputs.state!, scores: outputs.scores! };
}

/** The head's calibrated logits of the candidates: what training measures, along the line that it found. */
export async function headReference(
  { head, line }: Pick<ServingValues, 'head' | 'line'>,
  config: DlrmConfig,
  { moments, own, row, items }: LoggedCase,
  { state, scores }: { state: Float32Array; scores: Float32Array },
): Promise<Float32Array> {
  const width = state.length;
  const features = { groups: { state: width, ...GROUPS }, dense: DENSE_FEATURES };
  const scorer = await Scorer.of((graph) => ({ logits: dlrmLogits(graph, features, config) }), { threads: 1 });
  const offers = items.map((item, i) => ({ row, item, state, score: scores[i]! }));
  const feeds = offerFeeds(offers, own, { width, moments });
  const logits = await scorer.run(head, feeds, (outputs) => outputs.logits.data.slice());
  await scorer.close();
  return logits.map((logit) => line.slope * logit + line.offset);
}
