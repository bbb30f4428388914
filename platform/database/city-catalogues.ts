/** The catalogues of `data/`, read and checked. For Node: it reads the folder. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Catalogue, CatalogueProblems, readCatalogue } from '../../core/venue/catalogue.ts';

const DATA = new URL('../../data/', import.meta.url);

export interface CatalogueFile extends Catalogue {
  /** Changes with any byte of the city's files. */
  version: string;
}

async function readJson(folder: URL, name: string): Promise<{ text: string; value: unknown }> {
  const text = await readFile(new URL(name, folder), 'utf8');
  try {
    return { text, value: JSON.parse(text) };
  } catch (error) {
    throw new CatalogueProblems([`${name}: ${(error as SyntaxError).message}`]);
  }
}

/**
 * Every city of `folder` (default: the project's `data/`), in the order of their names. Throws `CatalogueProblems` that
 * names the file and everything wrong with it.
 */
export async function readCatalogues(folder: URL = DATA): Promise<CatalogueFile[]> {
  const names = (await readdir(new URL('cities/', folder))).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => {
      const city = await readJson(folder, `cities/${name}`);
      const corpus = await readJson(folder, `corpus/${name}`);
      try {
        const catalogue = readCatalogue(city.value, corpus.value);
        const version = createHash('sha256').update(city.text).update(corpus.text).digest('hex').slice(0, 12);
        return { ...catalogue, version };
      } catch (error) {
        if (!(error instanceof CatalogueProblems)) throw error;
        throw new CatalogueProblems(error.problems.map((problem) => `data/cities/${name}: ${problem}`));
      }
    }),
  );
}
