import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { ROOT, stateFolder, stateOption } from '../local/state-folder.ts';
import { wholeNumber } from '../whole-number.ts';

interface CertifyOptions {
  data: string;
  travellers: number;
  seed: number;
  out?: string;
  state: string;
}

export const certifyCommand = new Command('certify')
  .description('how far to trust the simulation: held against real tourists, with a verdict on what it may be used for')
  .option(
    '--data <path>',
    'a folder with user-visits.csv and poi-costs.csv, or a file user,item,timestamp[,category]; without it parts are skipped',
    join(ROOT, '..', 'shared', 'data', 'toronto'),
  )
  .option('--travellers <n>', 'simulated, to hold variants against each other', wholeNumber(12, 100_000), 240)
  .option('--seed <n>', 'the same seed gives the same certificate', wholeNumber(0, 2 ** 31 - 1), 1)
  .option('--out <folder>', 'where certificate.html and certificate.json go (default: in the state folder)')
  .addOption(stateOption())
  .action(async (options: CertifyOptions) => {
    try {
      await certify(options);
    } catch (error) {
      if (error instanceof Error && ['BadSettings', 'DataError', 'RangeError'].includes(error.name))
        throw new CommandError(error.message);
      throw error;
    }
  });

async function certify({ data, travellers, seed, out, state }: CertifyOptions): Promise<void> {
  const { catalogueCities } = await import('../../simulation/agents/catalogue-cities.ts');
  const settings = await import('../../simulation/agents/settings.ts');
  const { AGENT_MODEL } = await import('../../simulation/agents/choice-agent.ts');
  const { BUILT_IN } = await import('../../simulation/agents/simulate.ts');
  const { certificate } = await import('../certificate/certificate.ts');
  const { readTorontoVisits, readVisitsFile } = await import('../certificate/real-visits.ts');
  const { writeCertificate } = await import('../certificate/write.ts');
  const { codeRevision } = await import('../../training/artifact/code-revision.ts');

  const latentShare = settings.mainShare(settings.LATENT_SHARES)!;
  const cities = settings.travelledCities(await catalogueCities());
  const isFile = (await stat(data).catch(() => null))?.isFile() ?? false;
  const there = isFile || existsSync(join(data, 'user-visits.csv'));
  const missing = 'no real visits: --data names neither a file nor a folder with user-visits.csv';
  if (!there) console.error(`Skipped but for the leakage audit: ${missing}.`);
  const made = await certificate({
    simulation: {
      settings: {
        version: settings.SIMULATION_VERSION,
        seed,
        travellers,
        variants: [],
        archetypes: settings.readArchetypes([]),
        latentShares: [latentShare],
        catalogues: Object.fromEntries(cities.map(({ slug, catalogueVersion }) => [slug, catalogueVersion])),
        agent: AGENT_MODEL.version,
        secondAgent: null,
        rankers: {},
      },
      cities,
      cast: BUILT_IN,
    },
    latentShare,
    visits: there ? await (isFile ? readVisitsFile : readTorontoVisits)(data) : null,
    missing,
    codeRevision: await codeRevision(ROOT),
    createdAt: new Date().toISOString(),
    onPart: (name) => console.error(`${name} ...`),
  });
  const folder = out ?? join(stateFolder(state).path, 'simulation', 'certificate');
  await mkdir(folder, { recursive: true });
  const { html, json } = await writeCertificate(folder, made);
  for (const { use, answer, because } of made.verdicts) console.log(`${answer.toUpperCase()}: ${use}\n  ${because}`);
  console.log(`${html}\n${json}`);
}
