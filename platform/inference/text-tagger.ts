/** What is said of a venue as vibe tags and as a vibe embedding: `models/vibe-tagger`. */
import { z } from 'zod';
import { VIBE_TAG_NAMES, type VibeTag } from '../../core/venue/vocabulary.ts';
import type { OnnxSession } from './onnx-session.ts';
import { hashedFeeds, inBatches, rowsOf } from './text-encoder.ts';

export interface TaggedText {
  /** Those over the threshold, likeliest first. */
  tags: readonly { tag: VibeTag; probability: number }[];
  /** 64 numbers of unit length, in the space of `core/venue/venue-vector.ts`. */
  vibe: Float32Array;
}

export interface VibeTagger {
  readonly version: string;
  tag(texts: readonly string[]): Promise<TaggedText[]>;
}

const tagsFile = z.strictObject({ tags: z.array(z.string()), threshold: z.number().min(0).max(1) });

/**
 * @param tags the `tags.json` beside the model
 * @throws RangeError where the model's tags are not those of the vocabulary; ZodError where the file is another
 */
export function vibeTagger(session: OnnxSession, tags: unknown, version: string): VibeTagger {
  const { tags: names, threshold } = tagsFile.parse(tags);
  const unknown = names.filter((name) => !VIBE_TAG_NAMES.includes(name as VibeTag));
  if (unknown.length > 0)
    throw new RangeError(`vibe tagger ${version} has tags without an entry: ${unknown.join(', ')}`);
  return {
    version: `vibe-tagger@${version}`,
    tag: (texts) =>
      inBatches(texts, async (part) => {
        const { probabilities, vibe } = await session.run(hashedFeeds(part));
        const vibes = rowsOf(vibe!);
        return rowsOf(probabilities!).map((row, i) => ({
          tags: names
            .map((name, at) => ({ tag: name as VibeTag, probability: row[at]! }))
            .filter(({ probability }) => probability >= threshold)
            .sort((a, b) => b.probability - a.probability),
          vibe: vibes[i]!,
        }));
      }),
  };
}
