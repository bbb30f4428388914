/** The files beside a model that say which item or user each of its rows is. */
import type { ArtifactFile } from '../training/model.ts';

export function itemListFile(items: readonly string[]): ArtifactFile {
  return { name: 'items.json', bytes: listed(items) };
}

/** Of the items, those that training did not see: they stand under no id of their own. */
export function unseenListFile(items: readonly string[]): ArtifactFile {
  return { name: 'unseen.json', bytes: listed(items) };
}

export function userListFile(users: readonly string[]): ArtifactFile {
  return { name: 'users.json', bytes: listed(users) };
}

function listed(ids: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(ids)}\n`);
}
