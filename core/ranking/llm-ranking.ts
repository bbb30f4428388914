/**
 * What a language model is shown of a ranking request, and what its answer may do: put ids that were offered into
 * another order, and nothing else.
 */
import { z } from 'zod';
import { DIMENSION_NAMES } from '../persona/dimensions.ts';
import type { Persona } from '../persona/persona.ts';
import type { Venue } from '../venue/venue.ts';
import { MAX_RANKED, type RankedVenue, RankerFailure, type RankingContext } from './ranker.ts';

/** Fewer usable ids than this are no ranking. */
const LEAST_USABLE = 3;
/** Longer names and descriptions are cut: nothing that a place is called needs more. */
const LONGEST_FIELD = 120;

/**
 * One line of text that holds no separator, no tag and no control character, so that a name can neither end its field
 * nor its line nor the block that it stands in. At most `longest` characters.
 */
export function plainField(text: string, longest = LONGEST_FIELD): string {
  const flat = text
    .normalize('NFKC')
    .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
    .replace(/[|<>`]/g, '/')
    .trim();
  return [...flat].slice(0, longest).join('');
}

const percent = (score: number | null) => (score === null ? '-' : String(Math.round(score * 100)));

/**
 * The candidates, a line each, in the order given:
 * `id|name|category|neighbourhood|price 0-4|tags|tourist score|local score`, ids from 0, scores in percent or `-`.
 */
export function candidateLines(candidates: readonly Venue[]): string {
  return candidates
    .map((venue, i) =>
      [
        i,
        plainField(venue.name),
        venue.category,
        plainField(venue.neighbourhood),
        venue.priceLevel,
        venue.vibeTags.join(','),
        percent(venue.touristScore),
        percent(venue.localScore),
      ].join('|'),
    )
    .join('\n');
}

/** The traveller and the moment to rank for, in lines of `key: value`. */
export function travellerLines(persona: Persona, context: RankingContext): string {
  const dimensions = DIMENSION_NAMES.map((name) => `${name}=${persona.dimensions[name].toFixed(2)}`).join(' ');
  return [
    `dimensions: ${dimensions}`,
    `interests: ${persona.interests.join(',') || '-'}`,
    `description: ${persona.description === null ? '-' : plainField(persona.description, 400)}`,
    `moment: ${context.dayPart} of trip day ${context.tripDay}`,
    `party: ${context.partyKind}, ${context.partySize}`,
    `budget: ${context.budgetBand}`,
  ].join('\n');
}

/** In the subset of JSON Schema that structured output accepts: no ranges, no array lengths. `readRanking` checks those. */
export const RANKING_ANSWER_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['ranked', 'confidence'],
  properties: {
    ranked: {
      type: 'array',
      description: `Best first, at most ${MAX_RANKED}.`,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['i', 'c'],
        properties: {
          i: { type: 'integer', description: 'Id of a candidate.' },
          c: { type: 'number', description: 'From 0 to 1: how sure of this place in the list.' },
        },
      },
    },
    confidence: { type: 'number', description: 'From 0 to 1: how sure of the list as a whole.' },
  },
} as const;

const unitInterval = z.number().min(0).max(1);
const answerShape = z.object({ ranked: z.array(z.unknown()), confidence: unitInterval });
const itemShape = z.object({ i: z.int(), c: unitInterval });

/** How many items of an answer were passed over, and why. */
export interface IgnoredItems {
  /** No `{i, c}` with an integer and a number in [0, 1]. */
  malformed: number;
  /** An id that was not offered. */
  unknown: number;
  repeated: number;
  /** Usable, but past the length of a list. */
  surplus: number;
}

/** Throws `RankerFailure('malformed')` where the text is no JSON. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RankerFailure('malformed', 'the answer is no JSON', { cause });
  }
}

/**
 * Reads a model's answer to `candidates`. Every venue of the result was offered, none comes twice, and there are at most
 * `MAX_RANKED`; what was passed over is counted. The score falls evenly with the place in the list, from 1.
 * Throws `RankerFailure('malformed')` where the text is no such JSON or holds fewer than three usable ids.
 */
export function readRanking(
  text: string,
  candidates: readonly Venue[],
): { ranked: RankedVenue[]; confidence: number; ignored: IgnoredItems } {
  const answer = answerShape.safeParse(parseAnswer(text));
  if (!answer.success) throw new RankerFailure('malformed', `the answer is no ranking: ${answer.error.message}`);

  const ignored: IgnoredItems = { malformed: 0, unknown: 0, repeated: 0, surplus: 0 };
  const ranked: RankedVenue[] = [];
  const seen = new Set<number>();
  for (const item of answer.data.ranked) {
    const read = itemShape.safeParse(item);
    const venue = read.success ? candidates[read.data.i] : undefined;
    if (!read.success) ignored.malformed += 1;
    else if (!venue) ignored.unknown += 1;
    else if (seen.has(read.data.i)) ignored.repeated += 1;
    else if (ranked.length === MAX_RANKED) ignored.surplus += 1;
    else {
      seen.add(read.data.i);
      ranked.push({ venueId: venue.id, score: 1 - ranked.length / MAX_RANKED, confidence: read.data.c });
    }
  }
  if (ranked.length < Math.min(LEAST_USABLE, candidates.length) || ranked.length === 0) {
    throw new RankerFailure(
      'malformed',
      `the answer holds ${ranked.length} usable ids of ${answer.data.ranked.length}`,
    );
  }
  return { ranked, confidence: answer.data.confidence, ignored };
}
