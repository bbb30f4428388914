/** A page and its data side by side in a folder, whole or not at all. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface ReportFiles {
  html: string;
  json: string;
}

/**
 * `<name>.html` and `<name>.json`. Both are on disk under other names before either gets its own: a disk that fills leaves
 * what was there untouched.
 * @returns their paths
 */
export async function writePair(
  folder: string,
  name: string,
  content: { html: string; json: unknown },
): Promise<ReportFiles> {
  await mkdir(folder, { recursive: true });
  const files = { html: join(folder, `${name}.html`), json: join(folder, `${name}.json`) };
  const texts = [
    { path: files.html, text: content.html },
    { path: files.json, text: `${JSON.stringify(content.json, null, 2)}\n` },
  ].map((file) => ({ ...file, temporary: `${file.path}.${process.pid}.part` }));
  try {
    for (const { temporary, text } of texts) {
      const handle = await open(temporary, 'w');
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    for (const { temporary, path } of texts) await rename(temporary, path);
  } catch (error) {
    await Promise.all(texts.map(({ temporary }) => rm(temporary, { force: true })));
    throw error;
  }
  return files;
}
