/** Artifacts in R2, whose puts are atomic. */
import type { ArtifactStore } from './artifact-store.ts';

/** R2 deletes at most so many in one call. */
const DELETED_AT_ONCE = 1000;

/** `prefix`: of all paths, with its last slash. */
export function r2Store(bucket: R2Bucket, prefix: string): ArtifactStore {
  return {
    async read(path) {
      const found = await bucket.get(prefix + path);
      return found && { bytes: new Uint8Array(await found.arrayBuffer()), version: found.etag };
    },
    async write(path, bytes) {
      await bucket.put(prefix + path, bytes);
    },
    async writeIfAt(path, bytes, version) {
      const onlyIf = version === null ? new Headers({ 'If-None-Match': '*' }) : { etagMatches: version };
      return (await bucket.put(prefix + path, bytes, { onlyIf })) !== null;
    },
    async list(from) {
      const paths: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await bucket.list({ prefix: prefix + from, ...(cursor === undefined ? {} : { cursor }) });
        paths.push(...page.objects.map(({ key }) => key.slice(prefix.length)));
        cursor = page.truncated ? page.cursor : undefined;
      } while (cursor !== undefined);
      return paths.sort();
    },
    async remove(paths) {
      for (let at = 0; at < paths.length; at += DELETED_AT_ONCE) {
        await bucket.delete(paths.slice(at, at + DELETED_AT_ONCE).map((path) => prefix + path));
      }
    },
  };
}
