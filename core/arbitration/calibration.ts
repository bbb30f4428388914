/** Thresholds of the arbiter by archetype, as a run of the simulation measured them (seed 0, step 7). */
import { z } from 'zod';
import { ARCHETYPES } from '../persona/archetypes.ts';

const share = z.number().min(0).max(1);
const correlation = z.number().min(-1).max(1);
const interval = <Value extends z.ZodType<number>>(value: Value) => z.strictObject({ lower: value, upper: value });

const KNOWN: ReadonlySet<string> = new Set(ARCHETYPES.map(({ id }) => id));
const archetypeId = z.string().refine((id) => KNOWN.has(id), 'an archetype that there is none of');

const threshold = z.strictObject({
  /** Rank correlation of the top tens above which the two agree. */
  agreement: correlation,
  /** Share of the slots in which both name one top choice. */
  same_top: share,
  slots: z.int().min(1),
  travellers: z.int().min(1),
  /** 95%, of what was measured. */
  interval: interval(correlation),
});
export type CalibratedThreshold = z.infer<typeof threshold>;

const measurement = z.strictObject({
  slots: z.int().min(0),
  travellers: z.int().min(0),
  same_top: z.strictObject({ value: share, interval: interval(share) }).nullable(),
  agreement: z.strictObject({ value: correlation, interval: interval(correlation) }).nullable(),
  /** Share of the slots whose top choice was taken; null where there are none. */
  acceptance: z.strictObject({ above: share.nullable(), at_or_below: share.nullable() }),
  /** Why it gives no threshold; null where it does. */
  refused: z.string().min(1).nullable(),
});
export type CalibrationMeasurement = z.infer<typeof measurement>;

export const calibrationSchema = z.strictObject({
  /** Of the content, 8 hexadecimal digits: names it in the version of the configuration. */
  version: z.string().regex(/^[0-9a-f]{8}$/),
  /** Of the decisions, and of the side that the ranker was held against: says where it may load. */
  lineage: z.array(z.string().min(1)).min(1),
  run_id: z.uuid(),
  /** `name@version` of the ranker that was held against the language model's side. */
  ranker: z.string().min(1),
  /** Of whom too little is known is absent: the configuration's own threshold stands. */
  archetypes: z.record(archetypeId, threshold),
  /** What was seen of each archetype; the arbiter does not read it. */
  measured: z.record(archetypeId, measurement).optional(),
});

export type Calibration = z.infer<typeof calibrationSchema>;
