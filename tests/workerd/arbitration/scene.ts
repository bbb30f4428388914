/** Decisions in the log, made as planning makes them. */
import { v7 as uuidv7 } from 'uuid';
import { DEFAULT_ARBITRATION } from '../../../core/arbitration/config.ts';
import { decide } from '../../../core/arbitration/decide.ts';
import type { ArbitrationInput } from '../../../core/arbitration/decision.ts';
import { decidedColumns } from '../../../core/arbitration/snapshot.ts';
import { Random } from '../../../core/experiment/random.ts';
import { arbitrationInserts, type NewArbitrationEvent } from '../../../platform/database/arbitration.ts';
import { database } from '../api/client.ts';

const top = () => Array.from({ length: 10 }, () => uuidv7());

/** Of a warm traveller; the ML side's first is newer than what the language model has read. */
export function novelVenueInput(exploration = 0): ArbitrationInput {
  const [ml, llm] = [top(), top()];
  const venue = { touristScore: 0.3, localScore: 0.7, firstSeenAt: '2019-01-01' };
  return {
    mode: 'live',
    ml: { top: ml, confidence: 0.71, version: 'dlrm@0123456789ab', source: 'ml' },
    llm: { top: llm, confidence: 0.62, version: 'llm-ranker@1', source: 'llm' },
    venues: {
      ...Object.fromEntries([...ml, ...llm].map((id) => [id, venue])),
      [ml[0]!]: { ...venue, firstSeenAt: '2026-03-01' },
    },
    anybodysTop: [...llm].reverse(),
    context: {
      userTripCount: 4,
      countingSignals: 57,
      sequenceMomentum: 0.1 + 0.2,
      localBias: 1 / 3,
      isGroup: false,
      groupConflict: null,
      partySize: 2,
      tripDay: 1,
      dayPart: 'morning',
      candidates: 187,
    },
    exploration,
  };
}

export function event(
  fields: Partial<NewArbitrationEvent> = {},
  input = novelVenueInput(),
  [draw, coin]: readonly [number, number] = [0.9, 0.9],
): NewArbitrationEvent {
  const inputs = { input, config: DEFAULT_ARBITRATION, draw, coin, learned: null };
  const decision = decide(input, DEFAULT_ARBITRATION, draw, coin);
  return {
    ...decidedColumns(inputs, decision),
    id: uuidv7(),
    actorKey: uuidv7(),
    tripId: uuidv7(),
    slotId: uuidv7(),
    servedActivity: uuidv7(),
    occurredAt: new Date(),
    ...fields,
  };
}

export async function insertEvents(events: readonly (NewArbitrationEvent & { accepted?: boolean })[]): Promise<void> {
  const [first, ...rest] = arbitrationInserts(database, events);
  if (first) await database.batch([first, ...rest]);
}

/** Answered decisions of the novel-venue rule, a coin's all of them, on the day before `at`. */
export function answered(seed: number, count: number, at: Date, accepted: { ml: number; llm: number }) {
  const random = Random.of(seed, 'answered');
  const actors = Array.from({ length: 50 }, () => uuidv7());
  return Array.from({ length: count }, () => {
    const occurredAt = new Date(at.getTime() - 1000 - random.int(86_000_000));
    const draws = [random.uniform(), random.uniform()] as const;
    const made = event({ actorKey: random.pick(actors), occurredAt }, novelVenueInput(1), draws);
    const { served } = made.contextSnapshot as { served: 'ml' | 'llm' };
    return { ...made, accepted: random.chance(accepted[served]) };
  });
}
