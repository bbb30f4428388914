/** The rows of a whole arm, a trip at a time: what of them is learned from, checked as it is read. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DIMENSION_NAMES } from '../../../core/persona/dimensions.ts';
import { DAY_PARTS } from '../../../core/ranking/ranker.ts';
import type { ArmDescription, RunFolder } from '../run-folder.ts';
import { AGENT_LINEAGE, BadSettings, CHOICE_MODEL_LINEAGE } from '../settings.ts';

const share = z.number().min(0).max(1);

/** As `signal-rows.ts` writes it; what nobody here reads stays as it is. */
const armRow = z.looseObject({
  id: z.uuid(),
  actor_key: z.uuid(),
  signal_type: z.enum(['slot_accept', 'slot_linger', 'slot_skip', 'pivot_requested']),
  venue_id: z.uuid(),
  trip_id: z.uuid(),
  occurred_at: z.iso.datetime(),
  source: z.enum([AGENT_LINEAGE, CHOICE_MODEL_LINEAGE]),
  synthetic: z.literal(true),
  weight: share,
  model_version: z.string(),
  persona_snapshot: z.strictObject(
    Object.fromEntries(DIMENSION_NAMES.map((name) => [name, share])) as Record<
      (typeof DIMENSION_NAMES)[number],
      typeof share
    >,
  ),
  context: z.looseObject({
    archetype: z.string(),
    warm: z.boolean(),
    city: z.string(),
    day_of_trip: z.int().min(1),
    day_part: z.enum(DAY_PARTS),
    predicted_top: z.uuid(),
    rank: z.int().min(1).nullable(),
    agreement: z
      .looseObject({ score: z.number().min(-1).max(1), same_top: z.boolean(), reference: z.string() })
      .optional(),
  }),
});
export type ArmRow = z.infer<typeof armRow>;

const FILE = 'signals.jsonl';

/**
 * Of each trip its rows, in the order of the file; memory holds one. The last one comes before the file is known to be as the
 * arm says: what was made of it counts once the iteration is through.
 * @throws BadSettings naming the file, and the line where one cannot be read
 */
export async function* armTrips(folder: RunFolder, arm: ArmDescription): AsyncGenerator<ArmRow[]> {
  const path = join(folder.path, 'arms', arm.name, FILE);
  let trip: ArmRow[] = [];
  let rows = 0;
  for await (const line of checkedLines(path, arm.sha256[FILE])) {
    rows++;
    const row = readRow(line, `${path}:${rows}`);
    if (trip[0] && trip[0].trip_id !== row.trip_id) {
      yield trip;
      trip = [];
    }
    trip.push(row);
  }
  if (trip.length > 0) yield trip;
  if (rows !== arm.rows) throw new BadSettings(`${path} has ${rows} rows, and ${arm.rows} by its arm.json`);
}

function readRow(line: string, where: string): ArmRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new BadSettings(`${where} is no JSON`, { cause });
  }
  const read = armRow.safeParse(value);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw new BadSettings(`${where} is no row of a simulation: ${path.join('.')}: ${message}`);
}

/** @throws BadSettings once they are through, where the file is not what `sha256` is of */
async function* checkedLines(path: string, sha256: string | undefined): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(bytes);
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new BadSettings(`${path} is missing`, { cause: error });
  }
  if (rest !== '') yield rest;
  if (hash.digest('hex') !== sha256) throw new BadSettings(`${path} is not as its arm.json says: it was changed since`);
}
