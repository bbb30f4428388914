/** What a language model makes of a traveller's onboarding tags: a description, and small corrections to dimensions. */
import { z } from 'zod';
import { DIMENSION_NAMES, DIMENSIONS, type DimensionName, type Dimensions } from '../../core/persona/dimensions.ts';
import type { OnboardingTags } from '../../core/persona/onboarding.ts';
import { parseAnswer, plainField } from '../../core/ranking/llm-ranking.ts';
import { RankerFailure } from '../../core/ranking/ranker.ts';
import type { LlmSession } from './llm-session.ts';
import { HAIKU } from './models.ts';

const PERSONA_PROMPT_VERSION = 'p1';
export const LLM_PERSONA_VERSION = `llm-persona@${HAIKU.label}.${PERSONA_PROMPT_VERSION}`;

export const LONGEST_DESCRIPTION = 400;
/** How far the model may move one dimension from where the tags put it. */
export const GREATEST_NUDGE = 0.1;

export const PERSONA_SYSTEM_PROMPT = `You sum up a traveller for a system that ranks places. You get the tags that they chose on their first screen, and the dimensions, each from 0 to 1, that those tags were turned into by rule.

What the dimensions mean:
${DIMENSIONS.map((d) => `- ${d.name}: 0 = ${d.zero} 1 = ${d.one}`).join('\n')}

Write in description, in at most ${LONGEST_DESCRIPTION - 40} characters, what such a person looks for in a day and what would spoil it. Keep to what follows from the tags: no name, age, sex, origin, health, income or belief, and no place names.

In nudges, give for each dimension a correction from -${GREATEST_NUDGE} to ${GREATEST_NUDGE} where the tags together say something that each alone does not, and 0 where they do not.`;

export interface PersonaDescription {
  /** One line, 1 to `LONGEST_DESCRIPTION` characters. */
  description: string;
  /** Each in [-`GREATEST_NUDGE`, `GREATEST_NUDGE`]. */
  nudges: Record<DimensionName, number>;
}

const PERSONA_ANSWER_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['description', 'nudges'],
  properties: {
    description: { type: 'string' },
    nudges: {
      type: 'object',
      additionalProperties: false,
      required: DIMENSION_NAMES,
      properties: Object.fromEntries(DIMENSION_NAMES.map((name) => [name, { type: 'number' }])),
    },
  },
};

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

const answerShape = z.object({
  description: z.string(),
  nudges: z.record(z.string(), z.number()),
});

/** Cut at the end of a word. */
function shortened(text: string): string {
  const line = plainField(text, LONGEST_DESCRIPTION + 1);
  return line.length <= LONGEST_DESCRIPTION ? line : line.slice(0, LONGEST_DESCRIPTION).replace(/\s+\S*$/, '');
}

function readPersona(text: string): PersonaDescription {
  const answer = answerShape.safeParse(parseAnswer(text));
  if (!answer.success) throw new RankerFailure('malformed', `the answer holds no persona: ${answer.error.message}`);
  const description = shortened(answer.data.description);
  if (description === '') throw new RankerFailure('malformed', 'the answer holds an empty description');
  const nudge = (name: DimensionName) => clamp(answer.data.nudges[name] ?? 0, -GREATEST_NUDGE, GREATEST_NUDGE);
  return {
    description,
    nudges: Object.fromEntries(DIMENSION_NAMES.map((name) => [name, nudge(name)])) as Record<DimensionName, number>,
  };
}

/** One call. Throws a `RankerFailure`: the persona then stays as the tags make it. */
export async function describePersona(
  session: LlmSession,
  tags: OnboardingTags,
  dimensions: Dimensions,
): Promise<PersonaDescription> {
  const values = DIMENSION_NAMES.map((name) => `${name}=${dimensions[name].toFixed(2)}`).join(' ');
  return session.ask(
    {
      path: 'persona',
      system: PERSONA_SYSTEM_PROMPT,
      content: [{ text: `<tags>\n${JSON.stringify(tags)}\n</tags>\n<dimensions>\n${values}\n</dimensions>` }],
      schema: PERSONA_ANSWER_SCHEMA,
      maxTokens: 600,
    },
    readPersona,
  );
}

/** The dimensions moved by the nudges, each still in [0, 1]. */
export function nudged(dimensions: Dimensions, nudges: Readonly<Record<DimensionName, number>>): Dimensions {
  return Object.fromEntries(
    DIMENSION_NAMES.map((name) => [name, clamp(dimensions[name] + nudges[name], 0, 1)]),
  ) as Dimensions;
}
