/**
 * BERT's tokenizer as a `tokenizer.json` describes it: clean up, lower case, split at spaces, punctuation and CJK
 * characters, then WordPiece (Devlin et al. 2019; Wu et al. 2016), with [CLS] before and [SEP] after.
 */
import { z } from 'zod';

const nullableObject = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).nullish();

const tokenizerFile = z.object({
  normalizer: nullableObject({
    type: z.literal('BertNormalizer'),
    clean_text: z.boolean().default(true),
    handle_chinese_chars: z.boolean().default(true),
    /** Null: as `lowercase` is. */
    strip_accents: z.boolean().nullish(),
    lowercase: z.boolean().default(true),
  }),
  pre_tokenizer: nullableObject({ type: z.literal('BertPreTokenizer') }),
  truncation: nullableObject({ max_length: z.int().min(2) }),
  model: z.object({
    type: z.literal('WordPiece').optional(),
    unk_token: z.string().default('[UNK]'),
    continuing_subword_prefix: z.string().default('##'),
    max_input_chars_per_word: z.int().default(100),
    vocab: z.record(z.string(), z.int().min(0)),
  }),
});

/** Token ids of each text, [CLS] and [SEP] among them. */
export type Tokenize = (text: string) => number[];

const CJK =
  /[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{20000}-\u{2A6DF}\u{2A700}-\u{2CEAF}\u{F900}-\u{FAFF}\u{2F800}-\u{2FA1F}]/gu;
/** Control characters other than white space, and what stands for bytes that were no text. */
const DIRT = /[\0\uFFFD]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cn}\p{Co}]/gu;
/** Unicode's punctuation and all ASCII that is neither letter, digit nor space. */
const PUNCTUATION = /[\p{P}$+<=>^`|~]/gu;
const USUAL_LENGTH = 256;

/**
 * @param json contents of `tokenizer.json`
 * @throws ZodError for other kinds of tokenizers; RangeError where the vocabulary lacks a token that it needs
 */
export function wordPiece(json: unknown): Tokenize {
  const { normalizer, truncation, model } = tokenizerFile.parse(json);
  const vocabulary = new Map(Object.entries(model.vocab));
  const idOf = (token: string) => {
    const id = vocabulary.get(token);
    if (id === undefined) throw new RangeError(`tokenizer.json: the vocabulary has no ${token}`);
    return id;
  };
  const [first, last, unknown] = [idOf('[CLS]'), idOf('[SEP]'), idOf(model.unk_token)];
  const most = (truncation?.max_length ?? USUAL_LENGTH) - 2;

  function normalised(text: string): string {
    if (!normalizer) return text;
    let plain = normalizer.clean_text ? text.replace(DIRT, '').replace(/\s/gu, ' ') : text;
    if (normalizer.handle_chinese_chars) plain = plain.replace(CJK, ' $& ');
    if (normalizer.strip_accents ?? normalizer.lowercase) plain = plain.normalize('NFD').replace(/\p{Mn}/gu, '');
    return normalizer.lowercase ? plain.toLowerCase() : plain;
  }

  /** The longest piece first, then the longest of the rest; one unknown token where that leads nowhere. */
  function piecesOf(word: string): number[] {
    const characters = [...word];
    if (characters.length > model.max_input_chars_per_word) return [unknown];
    const pieces: number[] = [];
    for (let start = 0; start < characters.length; ) {
      let end = characters.length;
      let id: number | undefined;
      for (; end > start; end--) {
        const piece = characters.slice(start, end).join('');
        id = vocabulary.get(start > 0 ? model.continuing_subword_prefix + piece : piece);
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      pieces.push(id);
      start = end;
    }
    return pieces;
  }

  return (text) => {
    const words = normalised(text).replace(PUNCTUATION, ' $& ').split(/\s+/u).filter(Boolean);
    const ids: number[] = [];
    for (const word of words) {
      if (ids.length >= most) break;
      ids.push(...piecesOf(word));
    }
    return [first, ...ids.slice(0, most), last];
  };
}
