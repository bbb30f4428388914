/** Puts a certificate into its folder. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificate, toJson } from './certificate.ts';
import { toPage } from './page.ts';

/** `certificate.html` and `certificate.json`: both are on disk under other names before either gets its own. */
export async function writeCertificate(folder: string, made: Certificate): Promise<{ html: string; json: string }> {
  const files = { html: join(folder, 'certificate.html'), json: join(folder, 'certificate.json') };
  await writeFile(`${files.html}.part`, toPage(made));
  await writeFile(`${files.json}.part`, `${JSON.stringify(toJson(made), null, 2)}\n`);
  await rename(`${files.html}.part`, files.html);
  await rename(`${files.json}.part`, files.json);
  return files;
}
