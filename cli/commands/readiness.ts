import { Command } from 'commander';
import { stateFolder, stateOption } from '../local/state-folder.ts';

export const readinessCommand = new Command('readiness')
  .description('say for which models there is enough data to train them')
  .option('--json', 'as JSON')
  .addOption(stateOption())
  .action(async ({ json, state }: { json?: true; state: string }) => {
    const { withDatabase, environmentOf } = await import('../local/use-database.ts');
    await withDatabase(stateFolder(state), async (url) => {
      const { openDatabase } = await import('../../platform/database/client.ts');
      const { countTrainingData } = await import('../../platform/database/training-counts.ts');
      const { modelsReady } = await import('../../models/configs.ts');
      const environment = environmentOf(url);
      const { counted, models } = modelsReady(await countTrainingData(openDatabase(url)), environment);
      if (json) {
        console.log(JSON.stringify({ environment, counted, models }, null, 2));
        return;
      }
      console.log(
        counted === 'all_rows'
          ? `Environment ${environment}: all rows count, those of cold and of simulated travellers, too.`
          : `Environment ${environment}: only what travellers did in the app once they were warm counts.`,
      );
      for (const { model, unit, needed, found, foundWarmUsers, missing, ready } of models) {
        const verdict = ready ? 'ready' : `${missing} missing`;
        const real = counted === 'all_rows' ? ` (${foundWarmUsers} of warm travellers)` : '';
        console.log(`${model.padEnd(12)} ${verdict.padEnd(14)} ${found} of ${needed} ${unit}${real}`);
      }
    });
  });
