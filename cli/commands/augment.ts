import { resolve } from 'node:path';
import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { withClearErrors } from '../low-data/clear-errors.ts';
import { wholeNumber } from '../whole-number.ts';

interface AugmentOptions {
  variations: number;
  seed: number;
  holdOut: boolean;
}

export const augmentCommand = new Command('augment')
  .description(
    'variations of the sequences of real travellers, with the same intent; each row says what it was made from',
  )
  .argument(
    '<in>',
    'signals: JSON lines, or a folder of `overplanned extract`; only rows of real travellers are varied',
  )
  .argument('<out>', 'the variations, as JSON lines; beside it <out>.report.json')
  .option('--variations <n>', 'of each traveller', wholeNumber(1, 1000), 20)
  .option('--seed <n>', 'the same seed gives the same rows', wholeNumber(0, 2 ** 31 - 1), 1)
  .option('--no-hold-out', 'vary every traveller; without it a fifth of them, at least one, is kept for validation')
  .action((input: string, output: string, options: AugmentOptions) =>
    withClearErrors(() => augmentFile(input, output, options)),
  );

async function augmentFile(input: string, output: string, options: AugmentOptions): Promise<void> {
  const { seed, variations: wanted, holdOut } = options;
  const { augment, AUGMENTATION } = await import('../../training/low-data/augment.ts');
  const { countSources, isReal } = await import('../../training/low-data/decision-row.ts');
  const { HELD_OUT_SHARE, heldOutActors, withoutActors } = await import('../../training/low-data/held-out.ts');
  const { NearVenues } = await import('../../training/low-data/near-venues.ts');
  const { readSignals } = await import('../../training/low-data/read-signals.ts');
  const { variationLine } = await import('../../training/low-data/variation-line.ts');
  const { knownVenues } = await import('../low-data/known-venues.ts');
  const { writeWhole } = await import('../../platform/artifacts/whole-file.ts');

  if (resolve(input) === resolve(output)) throw new CommandError('<out> is <in>: the originals would be lost.');
  const { byId, byCity } = await knownVenues();
  const { decisions, sources } = await readSignals([input], byId);
  const real = decisions.filter(isReal);
  const actors = [...new Set(real.map(({ actor }) => actor))];
  if (actors.length === 0) {
    throw new CommandError(`${input}: no decision of a real traveller (source user_behavioral): nothing to vary.`);
  }
  if (holdOut && actors.length === 1) {
    throw new CommandError(`${input}: one real traveller alone cannot be split: give more, or --no-hold-out.`);
  }
  const heldOut = holdOut ? heldOutActors(actors, seed) : new Set<string>();
  const made = augment(withoutActors(real, heldOut), new NearVenues(byCity), seed, wanted);
  const { variations, leftOut, betweenTravellers, nearestIsOwn } = made;
  if (variations.length === 0) {
    throw new CommandError(`No variation came near enough to the intent of its original; ${leftOut} were tried.`);
  }
  const rows = variations.flatMap((one) => one.rows);
  const mean = (of: (one: (typeof variations)[number]) => number) =>
    variations.reduce((sum, one) => sum + of(one), 0) / variations.length;
  const intent = {
    limit: AUGMENTATION.intent,
    mean_apart: mean(({ apart }) => apart),
    most_apart: Math.max(...variations.map(({ apart }) => apart)),
    between_travellers: betweenTravellers,
    nearest_is_own: nearestIsOwn,
    venues_replaced: mean(({ replaced }) => replaced),
    category_kept: mean(({ sameCategory }) => sameCategory),
    similarity_of_venues: mean(({ similarity }) => similarity),
  };
  const report = {
    format: 'overplanned-augmentation',
    v: 1,
    version: AUGMENTATION.version,
    seed,
    variations_each: wanted,
    data: { sources, rows: countSources(rows), synthetic: true },
    travellers: actors.length - heldOut.size,
    held_out: { share: holdOut ? HELD_OUT_SHARE : 0, actors: [...heldOut].sort() },
    variations: variations.length,
    left_out: leftOut,
    intent,
  };
  await writeWhole(output, rows.map((row) => `${JSON.stringify(variationLine(row))}\n`).join(''));
  await writeWhole(`${output}.report.json`, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`${rows.length} rows in ${variations.length} variations of ${report.travellers} travellers: ${output}`);
  if (heldOut.size > 0) console.log(`Held out, and varied by nothing: ${heldOut.size} travellers.`);
  if (leftOut > 0) console.log(`Left out, too far from the intent of the original: ${leftOut}.`);
  console.log('Intent: what is learned from a variation, beside what is learned from its original (root mean square):');
  console.table(
    Object.fromEntries(Object.entries(intent).map(([name, value]) => [name, value === null ? '-' : value.toFixed(4)])),
  );
}
