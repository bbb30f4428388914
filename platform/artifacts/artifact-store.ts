/** Where files are kept: a bucket, or a folder on this machine. Paths are relative, with `/`. */

export interface StoredArtifact {
  bytes: Uint8Array;
  /** Changes with the content. */
  version: string;
}

export interface ArtifactStore {
  /** Null where there is no such file. */
  read(path: string): Promise<StoredArtifact | null>;
  /** Whole or not at all; what was there is replaced. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** The same, if the file is still at that version (null: not there). Answers whether it was. */
  writeIfAt(path: string, bytes: Uint8Array, version: string | null): Promise<boolean>;
  /** The paths that begin so, sorted. */
  list(prefix: string): Promise<string[]>;
  /** What is not there stays so. */
  remove(paths: readonly string[]): Promise<void>;
}

/** SHA-256, hexadecimal. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
