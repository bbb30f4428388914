/** Where signals stand: one JSON object a line, or whatever else can be read so. */
import type { Venue } from '../../core/venue/venue.ts';
import { DataError, type DataPlace } from '../data/data-error.ts';
import { linesOf, openText } from '../data/files/text-lines.ts';

export interface KnownVenue {
  city: string;
  venue: Venue;
}

export interface SignalFile {
  signals: AsyncIterable<{ value: unknown; place: DataPlace }>;
  /** That it knows besides those of the catalogues. */
  venues: ReadonlyMap<string, KnownVenue>;
  /** Once all signals are read. */
  sha256(): string;
}

/** @throws DataError naming file and line */
export function lineSignals(path: string): SignalFile {
  const file = openText(path);
  async function* signals() {
    for await (const { line, texts } of linesOf(file)) {
      for (const [i, text] of texts.entries()) {
        if (text.trim() === '') continue;
        const place = { file: path, line: line + i };
        yield { value: readJson(text, place), place };
      }
    }
  }
  return { signals: signals(), venues: new Map(), sha256: () => file.sha256() };
}

function readJson(text: string, place: DataPlace): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError('row', place, `no JSON: ${text.slice(0, 40)}`, { cause });
  }
}
