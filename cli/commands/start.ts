import { Command } from 'commander';
import { assertPortFree, DEFAULT_PORT, parsePort } from '../local/port.ts';
import { stateOption } from '../local/state-folder.ts';

export const startCommand = new Command('start')
  .description(`run everything on this machine (PORT, default ${DEFAULT_PORT})`)
  .addOption(stateOption())
  .action(async ({ state }: { state: string }) => {
    const port = parsePort(process.env.PORT);
    await assertPortFree(port);
    const { startEverything } = await import('../local/start.ts');
    await startEverything(port, state);
  });
