/** What is kept of a decision: its facts, and everything that it takes to make it again. */
import { z } from 'zod';
import { DAY_PARTS } from '../ranking/ranker.ts';
import { type ArbitrationConfig, arbitrationConfigSchema } from './config.ts';
import { ARBITRATION_MODES, type ArbitrationDecision, type ArbitrationInput, type LearnedVerdict } from './decision.ts';
import { topThree } from './facts.ts';

const score = z.number().nullable();
const side = z.object({
  top: z.array(z.string()).min(1),
  confidence: score,
  version: z.string(),
  source: z.string(),
});
const missing = <const Reasons extends readonly string[]>(reasons: Reasons) => z.object({ missing: z.enum(reasons) });

const inputSchema = z.object({
  mode: z.enum(ARBITRATION_MODES),
  ml: z.union([side, missing(['cold', 'off', 'unavailable'])]),
  llm: z.union([side, missing(['late', 'unavailable'])]),
  venues: z.record(
    z.string(),
    z.object({ touristScore: score, localScore: score, firstSeenAt: z.string().nullable() }),
  ),
  anybodysTop: z.array(z.string()).nullable(),
  context: z.object({
    userTripCount: z.number(),
    countingSignals: z.number(),
    sequenceMomentum: score,
    localBias: z.number(),
    nearestArchetype: z.string().optional(),
    isGroup: z.boolean(),
    groupConflict: score,
    partySize: z.number(),
    tripDay: z.number(),
    dayPart: z.enum(DAY_PARTS),
    candidates: z.number(),
  }),
  exploration: z.number().min(0).max(1),
}) satisfies z.ZodType<ArbitrationInput>;

/** The arguments of `decide`. */
export const decisionInputsSchema = z.object({
  input: inputSchema,
  config: arbitrationConfigSchema,
  draw: z.number().min(0).lt(1),
  coin: z.number().min(0).lt(1),
  learned: z.object({ version: z.string(), probabilityMl: z.number() }).nullable(),
});

export interface DecisionInputs {
  input: ArbitrationInput;
  config: ArbitrationConfig;
  draw: number;
  coin: number;
  learned: LearnedVerdict | null;
}

/** The first ten of each list count, and of the venues those of the top threes: the rest would fill the log for nothing. */
function kept(input: ArbitrationInput): ArbitrationInput {
  const { ml, llm, venues, anybodysTop } = input;
  const read = new Set([...topThree(ml), ...topThree(llm)]);
  return {
    ...input,
    ml: 'missing' in ml ? ml : { ...ml, top: ml.top.slice(0, 10) },
    llm: 'missing' in llm ? llm : { ...llm, top: llm.top.slice(0, 10) },
    anybodysTop: anybodysTop?.slice(0, 10) ?? null,
    venues: Object.fromEntries(
      [...read].flatMap((id) => {
        const venue = venues[id];
        if (!venue) return [];
        const { touristScore, localScore, firstSeenAt } = venue;
        return [[id, { touristScore, localScore, firstSeenAt }]];
      }),
    ),
  };
}

/**
 * `arbitration_events.context_snapshot`: the facts, `served`, `propensity` and the rest of the decision at the top level,
 * and in `inputs` what `decide` was given.
 */
export function contextSnapshot(inputs: DecisionInputs, decision: ArbitrationDecision): Record<string, unknown> {
  const { nearestArchetype } = inputs.input.context;
  return {
    v: 1,
    ...decision.facts,
    ...(nearestArchetype === undefined ? {} : { nearest_archetype: nearestArchetype }),
    mode: inputs.input.mode,
    served: decision.served,
    propensity: decision.propensity,
    chosen: decision.chosen,
    explored: decision.explored,
    detected: decision.detected,
    would_escalate: decision.wouldEscalate,
    inputs: { ...inputs, input: kept(inputs.input) },
  };
}

/** What of a row of `arbitration_events` the decision alone says. */
export interface DecidedColumns {
  mlTop3: string[];
  llmTop3: string[];
  arbitrationRule: string;
  agreementScore: number | null;
  contextSnapshot: Record<string, unknown>;
}

export function decidedColumns(inputs: DecisionInputs, decision: ArbitrationDecision): DecidedColumns {
  return {
    mlTop3: [...topThree(inputs.input.ml)],
    llmTop3: [...topThree(inputs.input.llm)],
    arbitrationRule: decision.rule,
    agreementScore: decision.agreement,
    contextSnapshot: contextSnapshot(inputs, decision),
  };
}
