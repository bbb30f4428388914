/** `items.json` beside a model: which venue each row of its item table is. */
import { z } from 'zod';
import type { ModelParts } from '../served-model.ts';

export const ITEMS = 'items.json';

const itemsFile = z.array(z.string());

/** @throws ModelRefused where it is no such list, or not as long as the file `of` says that its table is */
export function knownItems(parts: ModelParts, of: string): ReadonlyMap<string, number> {
  const read = itemsFile.safeParse(parts.list(ITEMS));
  if (!read.success) throw parts.refuse(ITEMS, 'no list of venue ids');
  const stated = parts.part(of).contents.metadata.get('items');
  if (stated !== undefined && Number(stated) !== read.data.length)
    throw parts.refuse(ITEMS, `${read.data.length} venues for a table of ${stated}`);
  return new Map(read.data.map((id, item) => [id, item]));
}
