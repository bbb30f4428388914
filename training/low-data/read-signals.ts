/** Signals as decisions: of JSON lines in the shape of `behavioral_signals`, or of an extracted data set. */
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { DIMENSION_NAMES, type Dimensions, NEUTRAL_DIMENSIONS } from '../../core/persona/dimensions.ts';
import { BUDGET_BANDS, DAY_PARTS, PARTY_KINDS } from '../../core/ranking/ranker.ts';
import { SIGNAL_SOURCES, type SignalType, SYNTHETIC_ORIGINS } from '../../core/signal/signal.ts';
import { verdictsOf } from '../../core/signal/verdict.ts';
import { VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';
import { CONDITIONS } from '../../core/weather/condition.ts';
import { DataError, type DataPlace } from '../data/data-error.ts';
import type { DataLineage } from '../data/dataset.ts';
import { datasetSignals } from './dataset-signals.ts';
import type { DecisionRow, OpenCase } from './decision-row.ts';
import { type KnownVenue, lineSignals } from './signal-file.ts';

const id = z.string().min(1).max(200);
const share = z.number().min(0).max(1);

const signalLine = z.object({
  id,
  actor_key: id,
  signal_type: z.string(),
  venue_id: id.nullable(),
  trip_id: id.nullish(),
  occurred_at: z.iso.datetime({ offset: true }),
  source: z.enum(SIGNAL_SOURCES),
  synthetic: z.boolean().optional(),
  persona_snapshot: z.partialRecord(z.enum(DIMENSION_NAMES), share).nullish(),
  derived_from: id.nullish(),
  derived_from_actor: id.nullish(),
  context: z.looseObject({
    day_of_trip: z.int().min(1).max(366),
    day_part: z.enum(DAY_PARTS),
    group_size: z.int().min(1).max(100).nullish(),
    party_kind: z.enum(PARTY_KINDS).nullish(),
    budget_band: z.enum(BUDGET_BANDS).nullish(),
    weather: z.enum(CONDITIONS).nullish(),
    interests: z.array(z.enum(VIBE_TAG_NAMES)).optional(),
    candidates: z.array(id).max(1000).optional(),
  }),
});

export interface ReadSignals {
  decisions: DecisionRow[];
  /** Shown with a decision or by a view, and not decided on by that traveller: the same pair once, as it was shown last. */
  open: OpenCase[];
  sources: DataLineage['sources'];
}

/** Does not say whether a venue was wanted. */
const UNDECIDED: ReadonlySet<string> = new Set(['slot_linger', 'discovery_swipe', 'post_trip', 'intention']);

/**
 * @param paths of files, and of folders of `overplanned extract`
 * @throws DataError naming file, line and field
 */
export async function readSignals(
  paths: readonly string[],
  venues: ReadonlyMap<string, KnownVenue>,
): Promise<ReadSignals> {
  const decisions: DecisionRow[] = [];
  const shown = new Map<string, OpenCase>();
  const sources: { path: string; sha256: string; rows: number }[] = [];
  const seen = new Map<string, string>();
  const known = new Map(venues);
  for (const path of paths) {
    const folder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    const file = folder ? await datasetSignals(path) : lineSignals(path);
    for (const [id, venue] of file.venues) known.set(id, venue);
    let rows = 0;
    for await (const { value, place } of file.signals) {
      const signal = checked(value, place);
      const before = seen.get(signal.id);
      if (before) throw new DataError('row', { ...place, field: 'id' }, `${signal.id} stands at ${before} already`);
      seen.set(signal.id, `${place.file}:${place.line}`);
      rows++;
      const { decided, open } = rowsOf(signal, known, place);
      decisions.push(...decided);
      for (const one of open) {
        const key = `${one.actor}/${one.venue.id}`;
        const other = shown.get(key);
        if (!other || other.at < one.at) shown.set(key, one);
      }
    }
    if (rows === 0) throw new DataError('empty', { file: path }, 'no signals in it');
    sources.push({ path, sha256: file.sha256(), rows });
  }
  for (const { actor, venue } of decisions) shown.delete(`${actor}/${venue.id}`);
  return { decisions, open: [...shown.values()], sources };
}

type SignalLine = z.infer<typeof signalLine>;

function checked(value: unknown, place: DataPlace): SignalLine {
  const { data: signal, error } = signalLine.safeParse(value);
  if (!signal) {
    const { path, message } = error.issues[0]!;
    throw new DataError('row', { ...place, field: path.join('.') || 'row' }, message);
  }
  const made = (SYNTHETIC_ORIGINS as readonly string[]).includes(signal.source);
  if (signal.synthetic !== undefined && signal.synthetic !== made) {
    throw new DataError('row', { ...place, field: 'source' }, `"${signal.source}" with synthetic ${signal.synthetic}`);
  }
  if (signal.source === 'real_user_derived' && !(signal.derived_from && signal.derived_from_actor)) {
    const message = 'a variation that does not say what it was made from (derived_from, derived_from_actor)';
    throw new DataError('row', { ...place, field: 'derived_from' }, message);
  }
  return signal;
}

function rowsOf(
  signal: SignalLine,
  venues: ReadonlyMap<string, KnownVenue>,
  place: DataPlace,
): { decided: DecisionRow[]; open: OpenCase[] } {
  const { signal_type: type, venue_id: venueId, context } = signal;
  const of = (wanted: string, field: string) => {
    const found = venues.get(wanted);
    if (found) return found;
    throw new DataError('row', { ...place, field }, `no catalogue has the venue ${wanted}`);
  };
  const at = Date.parse(signal.occurred_at);
  const { group_size: size, party_kind: kind } = context;
  const moment = (rowId: string, { city, venue }: KnownVenue): OpenCase => ({
    id: rowId,
    actor: signal.actor_key,
    trip: signal.trip_id ?? `${signal.actor_key}/${signal.occurred_at.slice(0, 10)}`,
    at,
    city,
    venue,
    dayPart: context.day_part,
    tripDay: context.day_of_trip,
    weather: context.weather ?? null,
    party: kind ? { kind, size: size ?? 1 } : null,
    budget: context.budget_band ?? null,
    persona: { dimensions: dimensionsOf(signal.persona_snapshot), interests: context.interests ?? [] },
    source: signal.source,
  });
  const verdicts = UNDECIDED.has(type)
    ? []
    : verdictsOf({ type: type as SignalType, venueId, timeToActionMs: null, context });
  const { derived_from: row, derived_from_actor: actor } = signal;
  const decided = verdicts.map(
    ({ venueId: wanted, accepted }, i): DecisionRow => ({
      ...moment(
        i === 0 ? signal.id : `${signal.id}/${i}`,
        of(wanted, i === 0 ? 'venue_id' : 'context.replacement_venue_id'),
      ),
      accepted,
      derivedFrom: row && actor ? { row, actor } : null,
    }),
  );
  const views = type === 'slot_view' && venueId !== null ? [venueId] : [];
  const others = (context.candidates ?? []).filter((one) => one !== venueId);
  return {
    decided,
    open: [
      ...views.map((wanted) => moment(signal.id, of(wanted, 'venue_id'))),
      ...others.map((wanted) => moment(`${signal.id}/${wanted}`, of(wanted, 'context.candidates'))),
    ],
  };
}

function dimensionsOf(snapshot: Partial<Dimensions> | null | undefined): Dimensions {
  return Object.fromEntries(
    DIMENSION_NAMES.map((name) => [name, snapshot?.[name] ?? NEUTRAL_DIMENSIONS[name]]),
  ) as Dimensions;
}
