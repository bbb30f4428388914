import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { stateFolder, stateOption } from '../local/state-folder.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Exit code 0 where the decision comes out the same, byte for byte; 1 where it does not, or cannot be made again. */
export const replayCommand = new Command('replay')
  .description('make a logged decision between the two rankings again, and compare it byte for byte')
  .argument('<event>', 'id of a row of arbitration_events')
  .option('--json', 'as JSON')
  .addOption(stateOption())
  .action(async (event: string, { json, state }: { json?: true; state: string }) => {
    if (!UUID.test(event)) throw new CommandError(`"${event}" is no id of an event.`);
    const { withDatabase } = await import('../local/use-database.ts');
    const { openDatabase } = await import('../../platform/database/client.ts');
    const { findArbitrationEvent } = await import('../../platform/database/arbitration.ts');
    const { NotReplayable, replay } = await import('../../core/arbitration/replay.ts');
    const row = await withDatabase(stateFolder(state), (url) => findArbitrationEvent(openDatabase(url), event));
    if (!row) throw new CommandError(`There is no arbitration event ${event}.`);
    const contextSnapshot = row.contextSnapshot as Record<string, unknown>;
    let found: ReturnType<typeof replay>;
    try {
      found = replay({ ...row, contextSnapshot });
    } catch (error) {
      if (error instanceof NotReplayable) throw new CommandError(`It cannot be made again: ${error.message}.`);
      throw error;
    }
    const { decision, differences } = found;
    const identical = differences.length === 0;
    if (json) console.log(JSON.stringify({ event, identical, decision, differences }, null, 2));
    else {
      const { rule, chosen, served, explored, propensity, agreement, detected } = decision;
      console.log(
        `rule ${rule}: ${chosen}; served ${served}${explored ? ' by the coin' : ''}, propensity ${propensity}`,
      );
      console.log(`agreement ${agreement ?? 'not known'}; holding: ${detected.join(', ') || 'no rule'}`);
      for (const [fact, value] of Object.entries(decision.facts)) console.log(`  ${fact.padEnd(21)} ${value ?? '-'}`);
      if (identical) console.log('identical');
      for (const { path, logged, again } of differences) {
        console.log(`different: ${path}: logged ${logged ?? 'nothing'}, now ${again ?? 'nothing'}`);
      }
    }
    if (!identical) process.exitCode = 1;
  });
