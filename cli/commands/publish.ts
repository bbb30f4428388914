import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { LOCAL_ADMIN, localToken } from '../local/local-token.ts';
import { DEFAULT_PORT } from '../local/port.ts';
import { stateFolder, stateOption } from '../local/state-folder.ts';

interface Options {
  url: string;
  token?: string;
  state: string;
}

export const publishCommand = new Command('publish')
  .description('register a trained version with a running API and store its files there; it serves nobody yet')
  .argument('<folder>', 'what `overplanned train` wrote: <model>/<version>')
  .option('--url <url>', 'of the API', `http://127.0.0.1:${DEFAULT_PORT}/api/v1`)
  .option('--token <token>', "an admin's (default: OVERPLANNED_TOKEN, or one that is signed for the local API)")
  .addOption(stateOption())
  .action(run);

async function run(folder: string, { url: given, token, state }: Options): Promise<void> {
  const { readVersionFolder } = await import('../publish/version-folder.ts');
  const { publish } = await import('../publish/publish.ts');
  const url = apiUrl(given);
  const version = await readVersionFolder(folder);
  const api = { url, token: token ?? process.env.OVERPLANNED_TOKEN ?? (await ownToken(url, state)) };
  const { added, status } = await publish(version, api, (name, bytes) => console.log(`${name}: ${bytes} bytes`));
  const { model, version: number, lineage } = version;
  console.log(
    `${model}@${number}: ${added ? 'registered' : `it was there, ${status}`}. Learned from ${lineage.join(', ')}.`,
  );
  if (status === 'registered') console.log(`Next: POST ${url}/admin/models/${model}/versions/${number}/shadow`);
}

function apiUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new CommandError(`--url: "${text}" is no address of an API.`);
  return url.href.replace(/\/+$/, '');
}

/** Only the local API takes what this machine signs. */
function ownToken(url: string, state: string): Promise<string> {
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname))
    throw new CommandError("Give an admin's token with --token, or as OVERPLANNED_TOKEN.");
  return localToken(stateFolder(state), { subject: LOCAL_ADMIN, role: 'admin', days: 1 });
}
