/** What the ASSETS binding serves: wrangler assembles it before a build, and the test pool builds nothing. */
import { fileURLToPath } from 'node:url';
import { assembleAssets } from '../../cli/assets.ts';

export default async function setup(): Promise<void> {
  await assembleAssets(fileURLToPath(new URL('../../dist/assets', import.meta.url)));
}
