/** A language model that decides for travellers. What it answers amiss, the built-in choice model decides, and the row says so. */
import type { ChoiceModelAgent } from '../choice-agent.ts';
import type { Decision } from '../decision.ts';
import type { DecisionCase, PersonaAgent } from '../persona-agent.ts';
import { AGENT_LINEAGE } from '../settings.ts';
import type { Asker, Question } from './asker.ts';
import {
  PERSONA_ANSWER_SCHEMA,
  PERSONA_MAX_TOKENS,
  PERSONA_PROMPT_VERSION,
  PERSONA_SYSTEM_PROMPT,
  personaQuestion,
  readDecision,
} from './persona-prompt.ts';
import type { Rounds } from './rounds.ts';

export interface LlmPersonaAgentOptions {
  asker: Asker;
  rounds: Rounds;
  /** Names its rounds: the arm, and which agent it is. */
  name: string;
  fallback: ChoiceModelAgent;
}

export const personaLabel = (asker: Pick<Asker, 'label'>) => `${asker.label}+${PERSONA_PROMPT_VERSION}`;

export function llmPersonaAgent({ asker, rounds, name, fallback }: LlmPersonaAgentOptions): PersonaAgent {
  let round = 0;
  return {
    label: personaLabel(asker),
    lineage: AGENT_LINEAGE,
    async decideAll(cases) {
      const answers = await rounds.ask(`${name}/round-${round++}`, asker, cases.map(questionOf));
      return cases.map((one, i): Decision => {
        const { text, failure } = answers[i]!;
        const decision = text === null ? null : readDecision(text, one);
        return decision ?? { ...fallback.decide(one), fallback: failure ?? 'malformed' };
      });
    },
  };
}

function questionOf(one: DecisionCase): Question {
  return {
    key: one.key,
    system: PERSONA_SYSTEM_PROMPT,
    user: personaQuestion(one),
    schema: PERSONA_ANSWER_SCHEMA,
    maxTokens: PERSONA_MAX_TOKENS,
  };
}
