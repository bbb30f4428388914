/** The Worker's bundle, made by wrangler exactly as for a deployment. */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { CommandError } from '../command-error.ts';
import { ROOT } from './state-folder.ts';

const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js');

/** Bundles `worker/index.ts` into `directory` and returns the entry file. @throws CommandError with wrangler's output. */
export async function bundleWorker(directory: string): Promise<string> {
  await rm(directory, { recursive: true, force: true });
  const build = spawn(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', directory], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      // `[build]` in wrangler.toml calls `node`: the one of the checkout, which runs TypeScript.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      CI: '1',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_SEND_METRICS: 'false',
    },
  });
  let output = '';
  for (const stream of [build.stdout, build.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => build.once('error', reject).once('close', resolve));
  if (code !== 0) throw new CommandError(`The Worker could not be built:\n${output.trim()}`);
  return join(directory, 'index.js');
}
