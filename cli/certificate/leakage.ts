/**
 * Part (c): what a ranker sees holds nothing of the agent's hidden state. Two proofs: by intervention (another agent with other
 * hidden tastes decides beside the first, whose decisions take effect: every view has to stay the same, to the byte), and by
 * reading (every field that a ranker can reach has to be one that is known).
 */
import { createHash } from 'node:crypto';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import { ChoiceModelAgent } from '../../simulation/agents/choice-agent.ts';
import type { Decision } from '../../simulation/agents/decision.ts';
import type { DecisionCase, PersonaAgent } from '../../simulation/agents/persona-agent.ts';
import type { RankerView, Recommender } from '../../simulation/agents/recommender.ts';
import { productionRecommender } from '../../simulation/agents/recommenders/production.ts';
import { type Arm, BUILT_IN, type Simulation, tripsOf } from '../../simulation/agents/simulate.ts';

/** All that a ranker may reach from a view. A new one is looked at, and then added. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...['slotKey', 'seed', 'city', 'persona', 'dimensions', 'companions', 'context', 'moment', 'startDate', 'tripDays'],
  ...['candidates', 'pool'],
  ...['history', 'historyVenues', 'countingSignals', 'tripCount', 'slug', 'catalogueVersion', 'venues'],
  ...['interests', 'summary', 'retrieval', 'tags', 'vector', ...DIMENSION_NAMES],
  ...['dayPart', 'tripDay', 'partyKind', 'partySize', 'budgetBand', 'at', 'venueId', 'accepted'],
  ...['id', 'name', 'category', 'neighbourhood', 'location', 'lat', 'lng', 'priceLevel', 'hours', 'meals', 'setting'],
  ...['visitMinutes', 'energy', 'vibeTags', 'touristScore', 'localScore', 'crossRefConfidence', 'overrated', 'source'],
  ...['firstSeenAt', 'closedAt', 'version'],
  // Of a catalogue's row, beside the record of a venue.
  ...['description', 'embedding', 'vibeEmbedding', 'qualitySignals', 'sourceTier', 'timeZone', 'avoid'],
  ...['local_forum', 'local_press', 'tourist_aggregator', 'travel_guide'],
]);

export interface LeakageAudit {
  travellers: number;
  views: number;
  /** Views (or lists) that changed with what the agent hides, and one more where a venue did. */
  changed: number;
  /** Decisions that the other agent would have made otherwise: had they been none, nothing was put to the test. */
  otherDecisions: number;
  /** Fields of a view that nobody has looked at. */
  unknownFields: string[];
  /**
   * Mean distance in [0, 1] between a dimension as the agent has it and as the ranker is told it, at the first slot of the cold:
   * 0 means that rankers are told who sets out without error, which no app is.
   */
  toldDimensionError: number;
}

/** @param agentOf of a seed; a test puts one in that leaks */
export async function leakageAudit(
  simulation: Simulation,
  latentShare: number,
  agentOf: (seed: number) => PersonaAgent = (seed) => new ChoiceModelAgent(seed, latentShare),
): Promise<LeakageAudit> {
  const { seed } = simulation.settings;
  const first = agentOf(seed);
  const other = agentOf(seed + 1);
  const arm: Arm = { name: 'audit', variant: 'llm', latentShare };
  const decided = new Map<string, Decision>();
  const errors: number[] = [];
  const fields = new Set<string>();

  const before = new Map<string, string>();
  const told = new Map<string, Dimensions>();
  await lived(simulation, arm, {
    agent: watching(first, (cases, decisions) => {
      for (const [i, { key, context }] of cases.entries()) {
        decided.set(key, decisions[i]!);
        const { day, dayPart, traveller, state } = context;
        const dimensions = told.get(`${traveller.id}/1/morning`);
        if (!dimensions || traveller.warm || day !== 1 || dayPart !== 'morning') continue;
        for (const name of DIMENSION_NAMES) errors.push(Math.abs(dimensions[name] - state.dimensions[name]));
      }
      return decisions;
    }),
    onView: (view) => {
      told.set(view.slotKey, view.dimensions);
      before.set(view.slotKey, digest(view, fields));
    },
  });

  // What was written onto a venue is found once all have decided: venues outlive the first run.
  const citiesBefore = digest(simulation.cities, fields, true);

  let [views, otherDecisions] = [0, 0];
  const changed = new Set<string>();
  await lived(simulation, arm, {
    agent: watching(other, (cases, decisions) =>
      cases.map(({ key, candidates }, i) => {
        const own = decisions[i]!;
        const kept = decided.get(key);
        // Where a leak has changed the list, the first one's choice may not be on it.
        if (!kept || (kept.venueId !== null && !candidates.some(({ id }) => id === kept.venueId))) {
          changed.add(key);
          return own;
        }
        if (kept.venueId !== own.venueId || kept.decision !== own.decision) otherDecisions++;
        return kept;
      }),
    ),
    onView: (view) => {
      views++;
      if (before.get(view.slotKey) !== digest(view, fields)) changed.add(`${arm.name}/${view.slotKey}`);
    },
  });
  if (citiesBefore !== digest(simulation.cities, fields, true)) changed.add('venues');
  return {
    travellers: simulation.settings.travellers,
    views,
    changed: changed.size,
    otherDecisions,
    unknownFields: [...fields].filter((name) => !KNOWN_FIELDS.has(name)).sort(),
    toldDimensionError: errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length),
  };
}

async function lived(
  { settings, cities }: Simulation,
  arm: Arm,
  { agent, onView }: { agent: PersonaAgent; onView: (view: RankerView) => void },
): Promise<void> {
  const ranker = productionRecommender('offline');
  const recommender: Recommender = {
    version: ranker.version,
    recommend: (views) => {
      views.forEach(onView);
      return ranker.recommend(views);
    },
  };
  const cast = { ...BUILT_IN, agent: () => agent, llm: () => recommender };
  for await (const _ of tripsOf({ settings, cities, cast }, arm));
}

function watching(
  agent: PersonaAgent,
  answer: (cases: readonly DecisionCase[], decisions: Decision[]) => Decision[],
): PersonaAgent {
  return {
    label: agent.label,
    lineage: agent.lineage,
    decideAll: async (cases) => answer(cases, await agent.decideAll(cases)),
  };
}

/** Of all that can be reached from a view; a venue stands by its id, and is read with its city. Adds every field's name. */
function digest(value: unknown, fields: Set<string>, wholeVenues = false): string {
  const text = JSON.stringify(value, (name, part) => {
    if (!wholeVenues && name === 'city') return part.slug;
    if (part instanceof Map) return [...part];
    if (ArrayBuffer.isView(part)) return [...(part as Float64Array)];
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    if (!wholeVenues && 'visitMinutes' in part) return part.id;
    for (const field of Object.keys(part)) fields.add(field);
    return part;
  });
  return createHash('sha256').update(text).digest('hex');
}
