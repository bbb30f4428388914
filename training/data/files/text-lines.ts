/** A text file as chunks or lines, hashed on the way. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DataError } from '../data-error.ts';

export interface TextFile {
  path: string;
  /** UTF-8 text, in pieces, without a byte order mark. @throws DataError where it is no text. */
  chunks(): AsyncGenerator<string>;
  /** Of the bytes, once all chunks were read. */
  sha256(): string;
}

export function openText(path: string): TextFile {
  const hash = createHash('sha256');
  let digest: string | null = null;
  return {
    path,
    async *chunks() {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
      const decode = (bytes?: Buffer) => {
        try {
          const text = bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
          if (!text.includes('\0')) return text;
        } catch {}
        throw new DataError('binary', { file: path }, 'not a text file (UTF-8)');
      };
      try {
        for await (const bytes of createReadStream(path, { highWaterMark: 1 << 18 })) {
          hash.update(bytes);
          yield decode(bytes);
        }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') throw new DataError('missing', { file: path }, 'there is no such file');
        throw error;
      }
      yield decode();
    },
    sha256() {
      digest ??= hash.digest('hex');
      return digest;
    },
  };
}

/** Line by line, without their ends; `line` counts from 1, empty lines are left out. */
export async function* linesOf(file: TextFile): AsyncGenerator<{ line: number; texts: readonly string[] }> {
  let rest = '';
  let line = 1;
  for await (const chunk of file.chunks()) {
    const texts = (rest + chunk).split('\n');
    rest = texts.pop()!;
    if (texts.length > 0) yield { line, texts };
    line += texts.length;
  }
  if (rest !== '') yield { line, texts: [rest] };
}

/** What the beginning of a file looks like: its first line that is not empty. */
export async function firstLine(path: string): Promise<string> {
  for await (const { texts } of linesOf(openText(path))) {
    const found = texts.find((text) => text.trim() !== '');
    if (found !== undefined) return found;
  }
  return '';
}
