/** `items.json` beside a model: which venue each row of its item table is. */
import { z } from 'zod';
import type { ModelParts } from '../served-model.ts';

export const ITEMS = 'items.json';
/** Of those, the venues that training did not see. */
export const UNSEEN = 'unseen.json';

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

/** As `knownItems`, without those of `unseen.json`: what training did not see is known by its content alone. */
export function seenItems(parts: ModelParts, of: string): ReadonlyMap<string, number> {
  const unseen = itemsFile.safeParse(parts.list(UNSEEN));
  if (!unseen.success) throw parts.refuse(UNSEEN, 'no list of venue ids');
  const items = new Map(knownItems(parts, of));
  for (const id of unseen.data) if (!items.delete(id)) throw parts.refuse(UNSEEN, `${id} is not in ${ITEMS}`);
  return items;
}
