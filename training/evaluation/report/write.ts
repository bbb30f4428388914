/** Puts a report into a folder, whole or not at all. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EvaluationDocument, toJson } from './document.ts';
import { toPage } from './page.ts';

export interface ReportFiles {
  html: string;
  json: string;
}

/**
 * `report.html` and `report.json`. Both are on disk under other names before either gets its own: a disk that fills leaves
 * the report before untouched.
 */
export async function writeReport(folder: string, document: EvaluationDocument): Promise<ReportFiles> {
  await mkdir(folder, { recursive: true });
  const files = { html: join(folder, 'report.html'), json: join(folder, 'report.json') };
  const texts = [
    { path: files.html, text: toPage(document) },
    { path: files.json, text: `${JSON.stringify(toJson(document), null, 2)}\n` },
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
