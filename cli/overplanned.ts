#!/usr/bin/env node
import { Command } from 'commander';
import { CommandError } from './command-error.ts';
import { activeLearnCommand } from './commands/active-learn.ts';
import { augmentCommand } from './commands/augment.ts';
import { calibrateCommand } from './commands/calibrate.ts';
import { certifyCommand } from './commands/certify.ts';
import { correctionSignalCommand } from './commands/correction-signal.ts';
import { crossoverCommand } from './commands/crossover.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { experimentCommand } from './commands/experiment.ts';
import { extractCommand } from './commands/extract.ts';
import { migrateCommand } from './commands/migrate.ts';
import { personaliseCommand } from './commands/personalise.ts';
import { publishCommand } from './commands/publish.ts';
import { readinessCommand } from './commands/readiness.ts';
import { reindexCommand } from './commands/reindex.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { seedTrainingDataCommand } from './commands/seed-training-data.ts';
import { simulateCommand } from './commands/simulate.ts';
import { startCommand } from './commands/start.ts';
import { tokenCommand } from './commands/token.ts';
import { trainCommand } from './commands/train.ts';
import { trainerCommand } from './commands/trainer.ts';

const program = new Command('overplanned')
  .description('Plans trips around venues that locals love.')
  .addCommand(startCommand)
  .addCommand(tokenCommand)
  .addCommand(migrateCommand)
  .addCommand(reindexCommand)
  .addCommand(seedTrainingDataCommand)
  .addCommand(extractCommand)
  .addCommand(readinessCommand)
  .addCommand(trainCommand)
  .addCommand(trainerCommand)
  .addCommand(publishCommand)
  .addCommand(replayCommand)
  .addCommand(crossoverCommand)
  .addCommand(correctionSignalCommand)
  .addCommand(simulateCommand)
  .addCommand(reportCommand)
  .addCommand(calibrateCommand)
  .addCommand(certifyCommand)
  .addCommand(experimentCommand)
  .addCommand(augmentCommand)
  .addCommand(personaliseCommand)
  .addCommand(activeLearnCommand)
  .addCommand(evaluateCommand(async () => (await import('../models/index.ts')).rankers(2)));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
