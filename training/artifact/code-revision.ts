/** Which code made a result. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The commit, with `+changes` where the checkout is not that commit; `unknown` outside a checkout. */
export async function codeRevision(folder: string): Promise<string> {
  try {
    const { stdout: head } = await run('git', ['rev-parse', 'HEAD'], { cwd: folder });
    const { stdout: changes } = await run('git', ['status', '--porcelain'], { cwd: folder });
    return head.trim() + (changes.trim() === '' ? '' : '+changes');
  } catch {
    return 'unknown';
  }
}
