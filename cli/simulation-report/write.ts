/** Puts the report of a simulation into its folder, whole or not at all. */
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toJson } from '../../simulation/agents/report/json.ts';
import type { SimulationReport } from '../../simulation/agents/report/report.ts';
import { toPage } from './page.ts';

/** `report.html` and `report.json`: both are on disk under other names before either gets its own. */
export async function writeSimulationReport(
  folder: string,
  report: SimulationReport,
): Promise<{ html: string; json: string }> {
  const files = { html: join(folder, 'report.html'), json: join(folder, 'report.json') };
  const texts = [
    { path: files.html, text: toPage(report) },
    { path: files.json, text: `${JSON.stringify(toJson(report), null, 2)}\n` },
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
