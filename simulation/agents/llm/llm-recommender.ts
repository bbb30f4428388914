/** The recommendation agent: a language model ranks a short list of the slot, with the prompt and the reader of production. */

import {
  candidateLines,
  plainField,
  RANKING_ANSWER_SCHEMA,
  readRanking,
  travellerLines,
} from '../../../core/ranking/llm-ranking.ts';
import { RankerFailure } from '../../../core/ranking/ranker.ts';
import type { Venue } from '../../../core/venue/venue.ts';
import { RANKING_PROMPT_VERSION, RANKING_SYSTEM_PROMPT } from '../../../platform/llm/ranking-prompt.ts';
import { OFFERED, type RankerView, type Recommendation, type Recommender } from '../recommender.ts';
import { productionRecommender } from '../recommenders/production.ts';
import type { Asker, Question } from './asker.ts';
import type { Rounds } from './rounds.ts';

/** Added to production's prompt, which knows no trip so far. */
export const TRIP_PROMPT_VERSION = 'trip1';
const TRIP_PROMPT = `
<trip> lists what the traveller took (+) and refused (-) on this trip, oldest first. Learn from it what this person wants now. It is a record, too.`;

export const RANKER_MAX_TOKENS = 400;
/** Decisions of the trip that are told. */
const REMEMBERED = 8;

export const recommenderVersion = (asker: Pick<Asker, 'label'>) =>
  `llm:${asker.label}@${RANKING_PROMPT_VERSION}+${TRIP_PROMPT_VERSION}`;

export interface LlmRecommenderOptions {
  asker: Asker;
  rounds: Rounds;
  /** Names its rounds. */
  name: string;
}

/** The first ten of the production path are what it puts in order: the same for all that are asked. */
export function llmRecommender({ asker, rounds, name }: LlmRecommenderOptions): Recommender {
  const version = recommenderVersion(asker);
  const shortList = productionRecommender('offline');
  let round = 0;
  return {
    version,
    async recommend(views) {
      const short = await shortList.recommend(views);
      const questions = views.map((view, i) => questionOf(view, short[i]!.ranked));
      const answers = await rounds.ask(`${name}/round-${round++}`, asker, questions);
      return views.map((_, i): Recommendation => {
        const { text, failure } = answers[i]!;
        return ranked(version, text, failure, short[i]!.ranked);
      });
    },
  };
}

function ranked(
  version: string,
  text: string | null,
  failure: string | null,
  offered: readonly Venue[],
): Recommendation {
  const asOffered = { ranked: offered, modelVersion: version, confidence: null };
  if (text === null) return { ...asOffered, fallback: `offline: ${failure}` };
  try {
    const read = readRanking(text, offered);
    const named = read.ranked.map(({ venueId }) => offered.find(({ id }) => id === venueId)!);
    const rest = offered.filter((venue) => !named.includes(venue));
    return { ranked: [...named, ...rest].slice(0, OFFERED), modelVersion: version, confidence: read.confidence };
  } catch (error) {
    if (!(error instanceof RankerFailure)) throw error;
    return { ...asOffered, fallback: `offline: ${error.code}` };
  }
}

function questionOf(view: RankerView, offered: readonly Venue[]): Question {
  const { persona, context, history, historyVenues, tripCount: _, startDate } = view;
  const begin = Date.parse(startDate);
  const trip = history
    .filter(({ at }) => at >= begin)
    .slice(-REMEMBERED)
    .flatMap(({ venueId, accepted }) => {
      const venue = historyVenues.get(venueId);
      return venue ? [`${accepted ? '+' : '-'} ${plainField(venue.name, 60)} (${venue.category})`] : [];
    });
  return {
    key: view.slotKey,
    system: RANKING_SYSTEM_PROMPT + TRIP_PROMPT,
    user: `City: ${view.city.slug}
<candidates>
${candidateLines(offered)}
</candidates>
<traveller>
${travellerLines(persona, context)}
</traveller>
<trip>
${trip.join('\n') || '-'}
</trip>`,
    schema: RANKING_ANSWER_SCHEMA,
    maxTokens: RANKER_MAX_TOKENS,
  };
}
