import { Command } from 'commander';
import { ROOT } from '../local/state-folder.ts';
import { withClearErrors } from '../low-data/clear-errors.ts';
import { wholeNumber } from '../whole-number.ts';

interface PersonaliseOptions {
  out: string;
  seed: number;
}

export const personaliseCommand = new Command('personalise')
  .description('a model across travellers, then one of each who has 20 decisions, with what it gains')
  .argument(
    '<in...>',
    'signals: JSON lines, folders of `overplanned extract`; real travellers, and what was made from them or simulated',
  )
  .requiredOption('--out <folder>', 'where the model and personalisation.html and .json go')
  .option('--seed <n>', 'the same seed gives the same model', wholeNumber(0, 2 ** 31 - 1), 1)
  .action((input: string[], options: PersonaliseOptions) => withClearErrors(() => personaliseFiles(input, options)));

async function personaliseFiles(input: readonly string[], { out, seed }: PersonaliseOptions): Promise<void> {
  const { codeRevision } = await import('../../training/artifact/code-revision.ts');
  const { writePair } = await import('../../training/evaluation/report/write-pair.ts');
  const { personalise } = await import('../../training/low-data/personalise.ts');
  const { readSignals } = await import('../../training/low-data/read-signals.ts');
  const { knownVenues } = await import('../low-data/known-venues.ts');
  const { writeDecisionModel } = await import('../low-data/model-folder.ts');
  const { toJson } = await import('../certificate/certificate.ts');
  const { personalisationPage, personalisationReport } = await import('../low-data/personalisation.ts');

  const { byId } = await knownVenues();
  const { decisions, sources } = await readSignals(input, byId);
  const made = personalise(decisions, seed);
  const revision = await codeRevision(ROOT);
  const { folder, artifact } = await writeDecisionModel(out, made, decisions, { sources, seed, revision });
  const report = personalisationReport(made, artifact);
  const files = await writePair(out, 'personalisation', { html: personalisationPage(report), json: toJson(report) });
  const own = made.travellers.filter(({ servedBy }) => servedBy === 'own_model');
  console.log(
    `${own.length} travellers have a model of their own; ${made.travellers.length - own.length} are served by the`,
  );
  console.log('cross-user model, with fewer than 20 decisions.');
  const shown = made.travellers.map(({ actor, decisions: n, servedBy, gain }) => {
    const range = gain?.logLoss.interval;
    const within = range ? ` (${range.lower.toFixed(3)} to ${range.upper.toFixed(3)})` : '';
    const value = gain ? gain.logLoss.value.toFixed(3) + within : '-';
    return [actor, { decisions: n, 'served by': servedBy, 'gain, nats a decision': value, cases: gain?.cases ?? 0 }];
  });
  console.table(Object.fromEntries(shown.slice(0, 20)));
  if (shown.length > 20) console.log(`... and ${shown.length - 20} more, in the report.`);
  if (artifact.lineage.synthetic)
    console.log('It learned from made rows: it never serves travellers outside development.');
  console.log(`${folder}\n${files.html}\n${files.json}`);
}
