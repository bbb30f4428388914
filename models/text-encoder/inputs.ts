/** Text as the text models are fed it, wherever they run: hashed words, word pairs and character n-grams. */
import type { Venue } from '../../core/venue/venue.ts';
import { CATEGORIES, VIBE_TAGS } from '../../core/venue/vocabulary.ts';

/** Rows that features are hashed to; row 0 is the padding's. */
export const BUCKETS = 16_384;
/** Of the whole of `ids` and `weights`: a change makes other models. */
export const TEXT_INPUTS_VERSION = 'hashed-ngrams@1';

/** Words, pairs of neighbouring words, and n-grams of each word's characters: each kind is a bag of its own. */
export const KINDS = 3;
/** Rows a feature has, each by a hash of its own, so that two features rarely share them all (Svenstrup et al. 2017). */
const ROWS_OF_KIND = [2, 2, 1];
const SHORTEST_NGRAM = 3;
const LONGEST_NGRAM = 4;
/** What comes after is not read. */
export const MOST_WORDS = 256;
/** A word that is longer is cut: it is no word. */
const MOST_CHARACTERS = 32;

/** A text's features: row `ids[i]` counts `weights[i]` in the bag of `kinds[i]`. */
export interface TextFeatures {
  ids: Int32Array;
  kinds: Uint8Array;
  weights: Float32Array;
}

/** Lower case, without accents and punctuation. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/['’]/g, '');
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(0, MOST_WORDS).map((word) => word.slice(0, MOST_CHARACTERS));
}

/** FNV-1a over kind, row and text, its bits mixed as MurmurHash3 ends: 32 bits. */
function hash(kind: number, row: number, text: string): number {
  let h = Math.imul(0x811c9dc5 ^ (kind * 4 + row), 0x01000193);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function ngramsOf(word: string): string[] {
  const characters = [...`<${word}>`];
  const ngrams: string[] = [];
  for (let n = SHORTEST_NGRAM; n <= LONGEST_NGRAM; n++) {
    for (let i = 0; i + n <= characters.length; i++) ngrams.push(characters.slice(i, i + n).join(''));
  }
  return ngrams;
}

/** Whole numbers, a quotient and a square root: the same bits on every machine. Nothing said: no features. */
export function textFeatures(text: string): TextFeatures {
  const words = wordsOf(text);
  const distinct = new Set(words);
  const pairs = new Set(words.slice(1).map((word, i) => `${words[i]} ${word}`));
  const ngrams = new Set([...distinct].flatMap(ngramsOf));
  const kinds = [distinct, pairs, ngrams];
  const size = kinds.reduce((sum, { size: n }, kind) => sum + n * ROWS_OF_KIND[kind]!, 0);
  const features = { ids: new Int32Array(size), kinds: new Uint8Array(size), weights: new Float32Array(size) };
  let at = 0;
  for (const [kind, bag] of kinds.entries()) {
    // The sum over n features grows as sqrt(n): long and short texts have vectors of one size (Cer et al. 2018).
    const weight = 1 / Math.sqrt(bag.size);
    for (const feature of bag) {
      for (let row = 0; row < ROWS_OF_KIND[kind]!; row++, at++) {
        features.ids[at] = 1 + (hash(kind, row, feature) % (BUCKETS - 1));
        features.kinds[at] = kind;
        features.weights[at] = weight;
      }
    }
  }
  return features;
}

/** Texts as the models' inputs. `length`: of the longest, in features. */
export interface TextBatch {
  count: number;
  length: number;
  /** [count, length], 0 where a text has no more. */
  ids: Int32Array;
  /** [count, KINDS, length] */
  weights: Float32Array;
}

export function textBatch(texts: readonly TextFeatures[]): TextBatch {
  const count = texts.length;
  // A batch of empty texts still has a column.
  const length = texts.reduce((most, { ids }) => Math.max(most, ids.length), 1);
  const batch = {
    count,
    length,
    ids: new Int32Array(count * length),
    weights: new Float32Array(count * KINDS * length),
  };
  for (const [row, { ids, kinds, weights }] of texts.entries()) {
    batch.ids.set(ids, row * length);
    for (let i = 0; i < ids.length; i++) batch.weights[(row * KINDS + kinds[i]!) * length + i] = weights[i]!;
  }
  return batch;
}

/** What a venue's record says, as a text. */
export function venueText({
  name,
  category,
  neighbourhood,
  vibeTags,
}: Pick<Venue, 'name' | 'category' | 'neighbourhood' | 'vibeTags'>): string {
  const tags = vibeTags.map((tag) => VIBE_TAGS[tag].label).join(', ');
  return [name, CATEGORIES[category].label, neighbourhood, tags].filter(Boolean).join('. ');
}
