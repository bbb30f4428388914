import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { augment } from '../../../../training/low-data/augment.ts';
import { NearVenues } from '../../../../training/low-data/near-venues.ts';
import { personalise } from '../../../../training/low-data/personalise.ts';
import { readSignals } from '../../../../training/low-data/read-signals.ts';
import { variationLine } from '../../../../training/low-data/variation-line.ts';
import { actorsOf, jsonLines, signalLine, tinyWorld, venuesById } from './rows.ts';

const world = tinyWorld();
const near = new NearVenues(world.cities);

async function written(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'low-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'signals.jsonl');
  await writeFile(path, text);
  return path;
}

describe('a file of signals', () => {
  const row = world.few.get(2)![0]!;

  it('gives decisions back as they were, variations with what they were made from', async () => {
    const made = augment(world.few.get(2)!, near, 1, 1).variations[0]!.rows;
    const { decisions } = await readSignals([await written(jsonLines(made.map(variationLine)))], venuesById);
    expect(decisions).toHaveLength(made.length);
    for (const [i, read] of decisions.entries()) {
      const { persona, ...rest } = made[i]!;
      expect(read).toMatchObject(rest);
      expect(read.persona.interests).toEqual(persona.interests);
      expect(read.persona.dimensions.culture).toBeCloseTo(persona.dimensions.culture, 4);
    }
  });

  it('can be asked about what was shown and not decided on, once a pair', async () => {
    const [a, b, c] = world.cities.get(row.city)!.filter(({ id }) => id !== row.venue.id);
    const context = { ...(signalLine(row).context as object), candidates: [row.venue.id, a!.id, b!.id] };
    const lines = [
      signalLine(row, { context }),
      signalLine(row, { id: 'v1', signal_type: 'slot_view', venue_id: c!.id }),
      signalLine(row, { id: 'v2', signal_type: 'slot_view', venue_id: a!.id }),
      signalLine(row, { id: 'd', signal_type: 'slot_skip', venue_id: b!.id }),
      signalLine(row, { id: 'l', signal_type: 'slot_linger' }),
    ];
    const { decisions, open } = await readSignals([await written(jsonLines(lines))], venuesById);
    expect(decisions.map(({ venue, accepted }) => [venue.id, accepted])).toEqual([
      [row.venue.id, row.accepted],
      [b!.id, false],
    ]);
    expect(open.map(({ venue }) => venue.id).sort()).toEqual([a!.id, c!.id].sort());
  });

  it.each<[string, Record<string, unknown> | string, RegExp]>([
    ['no JSON', '{"id": ', /signals\.jsonl:2: no JSON/],
    ['a venue that no catalogue has', { venue_id: 'nowhere' }, /:2 \(venue_id\): no catalogue has the venue nowhere/],
    ['no day part', { context: { day_of_trip: 1 } }, /:2 \(context\.day_part\)/],
    ['an unknown source', { source: 'hearsay' }, /:2 \(source\)/],
    [
      'synthetic rows that pose as real ones',
      { synthetic: true },
      /:2 \(source\): "user_behavioral" with synthetic true/,
    ],
    ['a variation of nothing', { source: 'real_user_derived', synthetic: true }, /:2 \(derived_from\)/],
    ['an id that stands twice', { id: row.id }, /:2 \(id\): .* stands at .*:1 already/],
    ['a dimension out of range', { persona_snapshot: { culture: 3 } }, /:2 \(persona_snapshot\.culture\)/],
  ])('is refused with %s, by file, line and field', async (_, broken, message) => {
    const second = typeof broken === 'string' ? broken : JSON.stringify(signalLine(row, { id: 'second', ...broken }));
    const path = await written(`${JSON.stringify(signalLine(row))}\n${second}\n`);
    await expect(readSignals([path], venuesById)).rejects.toThrow(message);
  });
});

describe('personalisation', () => {
  const real = world.all.filter(({ actor }) => actorsOf(world.all).slice(0, 6).includes(actor));
  const short = real.filter(({ actor }) => actor === real[0]!.actor).slice(0, 19);
  const others = real.filter(({ actor }) => actor !== real[0]!.actor);
  const synthetic = world.synthetic.slice(0, 240);

  it('gives a model of their own to whom has 20 decisions, and names the others', () => {
    const made = personalise([...short, ...others, ...synthetic], 1);
    const first = made.travellers.find(({ actor }) => actor === real[0]!.actor)!;
    expect(first).toMatchObject({ decisions: 19, servedBy: 'cross_user', gain: null });
    expect(made.own.has(first.actor)).toBe(false);
    expect(made.own.size).toBe(5);
    expect(made.travellers.filter(({ servedBy }) => servedBy === 'own_model')).toHaveLength(5);
    for (const { gain, decisions, servedBy } of made.travellers) {
      if (servedBy === 'own_model') expect(gain!.cases).toBe(decisions - Math.floor(decisions * 0.8));
    }
    expect(made.gain!.cases).toBe(made.travellers.reduce((sum, { gain }) => sum + (gain?.cases ?? 0), 0));
  });

  it('measures a traveller by a model that saw nothing of them, nor what was made from them', () => {
    // What is made from each of the two is learned from for the other alone; two travellers are two folds.
    const two = [...short, ...others.filter(({ actor }) => actor === others[0]!.actor)];
    const made = augment(short, near, 1, 2).variations.flatMap(({ rows }) => rows);
    const turned = made.map((row) => ({ ...row, accepted: !row.accepted }));
    const gainOf = (derived: typeof made) => {
      const { travellers, unseen } = personalise([...two, ...synthetic, ...derived], 1);
      return { own: travellers.find(({ actor }) => actor === others[0]!.actor)!.gain, unseen };
    };
    const [asIs, other] = [gainOf(made), gainOf(turned)];
    expect(other.own).not.toEqual(asIs.own);
    const alone = (derived: typeof made) => personalise([...short, ...synthetic, ...derived], 1).unseen;
    expect(alone(turned)).toEqual(alone(made));
  });

  it('refuses where nobody is real, or there is nobody to learn across', () => {
    expect(() => personalise(synthetic, 1)).toThrow(/no row is of a real traveller/);
    expect(() => personalise(short, 1)).toThrow(/cannot be learned without 1 of the travellers/);
  });
});
