#!/usr/bin/env node
import { Command } from 'commander';
import { CommandError } from './command-error.ts';
import { migrateCommand } from './commands/migrate.ts';
import { reindexCommand } from './commands/reindex.ts';
import { startCommand } from './commands/start.ts';
import { tokenCommand } from './commands/token.ts';

const program = new Command('overplanned')
  .description('Plans trips around venues that locals love.')
  .addCommand(startCommand)
  .addCommand(tokenCommand)
  .addCommand(migrateCommand)
  .addCommand(reindexCommand);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
