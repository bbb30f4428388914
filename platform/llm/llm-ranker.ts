/** The language model as a ranker. */
import {
  candidateLines,
  plainField,
  RANKING_ANSWER_SCHEMA,
  readRanking,
  travellerLines,
} from '../../core/ranking/llm-ranking.ts';
import {
  MAX_CANDIDATES,
  type Ranker,
  RankerFailure,
  type Ranking,
  type RankingRequest,
} from '../../core/ranking/ranker.ts';
import type { LlmSession } from './llm-session.ts';
import { HAIKU, type LlmModel } from './models.ts';
import { RANKING_PROMPT_VERSION, RANKING_SYSTEM_PROMPT } from './ranking-prompt.ts';
import type { LlmPath } from './usage.ts';

const versionOf = ({ label }: LlmModel) => `llm-ranker@${label}.${RANKING_PROMPT_VERSION}`;

/** Known without a session: cache keys are made before one is needed. */
export const LLM_RANKER_VERSION = versionOf(HAIKU);

/** Thirty items of about twelve tokens, and as much again. */
const MAX_TOKENS = 1024;

type RankerPath = Extract<LlmPath, 'rank' | 'prewarm' | 'escalate'>;

export class LlmRanker implements Ranker {
  readonly modelVersion: string;
  readonly source = 'llm';
  readonly #session: LlmSession;
  readonly #path: RankerPath;

  constructor(session: LlmSession, path: RankerPath = 'rank') {
    this.modelVersion = versionOf(session.model);
    this.#session = session;
    this.#path = path;
  }

  /**
   * One call. The rankings of a trip share city and candidates and differ in the moment: so those stand first, as the
   * prefix that the prompt cache keeps.
   */
  async rank({ cityName, persona, candidates, context }: RankingRequest): Promise<Ranking> {
    const offered = candidates.slice(0, MAX_CANDIDATES);
    if (offered.length === 0) throw new RankerFailure('unavailable', 'there are no candidates to rank');
    const { ranked, confidence, ignored } = await this.#session.ask(
      {
        path: this.#path,
        system: RANKING_SYSTEM_PROMPT,
        content: [
          {
            text: `City: ${plainField(cityName)}\n<candidates>\n${candidateLines(offered)}\n</candidates>`,
            cached: true,
          },
          { text: `<traveller>\n${travellerLines(persona, context)}\n</traveller>` },
        ],
        schema: RANKING_ANSWER_SCHEMA,
        maxTokens: MAX_TOKENS,
      },
      (text) => readRanking(text, offered),
    );
    if (Object.values(ignored).some((count) => count > 0))
      this.#session.log('llm_ranking_items_ignored', { ...ignored });
    return { ranked, confidence, source: this.source, modelVersion: this.modelVersion };
  }
}
