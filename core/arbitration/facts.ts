/** The facts of a decision between the two rankings, as they are logged and as a learned arbiter reads them. */
import { DAY_PARTS } from '../ranking/ranker.ts';
import type { ArbitrationConfig } from './config.ts';
import type { ArbitrationInput, ArbitrationVenue, MissingSide, SideView } from './decision.ts';
import type { KnownFacts } from './fact-names.ts';
import { falsePersonalisation } from './false-personalisation.ts';
import { novelVenues } from './novel-venue.ts';
import { topListCorrelation } from './spearman.ts';

/** The venues of a list that are logged by name, and whose scores the rules read. */
const TOP = 3;

/** The first three; none of a side that did not answer. */
export function topThree(side: SideView | MissingSide<string>): readonly string[] {
  return 'missing' in side ? [] : side.top.slice(0, TOP);
}

/** What one side lacks is null. */
export function arbitrationFacts(input: ArbitrationInput, config: Pick<ArbitrationConfig, 'llm_cut_off'>): KnownFacts {
  const { ml, llm, venues, anybodysTop, context } = input;
  const [mlTop, llmTop] = [topThree(ml), topThree(llm)];
  const both = !('missing' in ml) && !('missing' in llm);
  const first = (top: readonly string[], score: 'touristScore' | 'localScore') => scoreOf(venues, top[0], score);
  return {
    agreement: both ? topListCorrelation(ml.top, llm.top) : null,
    shared_top3: both ? mlTop.filter((venue) => llmTop.includes(venue)).length : null,
    ml_confidence: 'missing' in ml ? null : ml.confidence,
    llm_confidence: 'missing' in llm ? null : llm.confidence,
    user_trip_count: context.userTripCount,
    counting_signals: context.countingSignals,
    sequence_momentum: context.sequenceMomentum,
    local_bias: context.localBias,
    llm_top_tourist: first(llmTop, 'touristScore'),
    llm_top_local: first(llmTop, 'localScore'),
    ml_top_tourist: first(mlTop, 'touristScore'),
    ml_top_local: first(mlTop, 'localScore'),
    llm_top3_tourist: meanTourist(venues, llmTop),
    ml_top3_tourist: meanTourist(venues, mlTop),
    party_size: context.partySize,
    group_conflict: context.isGroup ? context.groupConflict : null,
    novel_in_ml_top3: 'missing' in ml ? null : novelVenues(mlTop, venues, config),
    false_personalisation: 'missing' in llm || anybodysTop === null ? null : falsePersonalisation(llm.top, anybodysTop),
    candidates: context.candidates,
    trip_day: context.tripDay,
    day_part: DAY_PARTS.indexOf(context.dayPart),
  };
}

function scoreOf(
  venues: ArbitrationInput['venues'],
  id: string | undefined,
  score: keyof Pick<ArbitrationVenue, 'touristScore' | 'localScore'>,
): number | null {
  return (id === undefined ? null : venues[id]?.[score]) ?? null;
}

/** Over those of which it is known. */
function meanTourist(venues: ArbitrationInput['venues'], top: readonly string[]): number | null {
  const known = top.flatMap((id) => scoreOf(venues, id, 'touristScore') ?? []);
  return known.length > 0 ? known.reduce((sum, score) => sum + score, 0) / known.length : null;
}
