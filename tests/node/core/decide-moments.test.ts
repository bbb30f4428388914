import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ARBITRATION } from '../../../core/arbitration/config.ts';
import { type MomentsRequest, openMoments, type RankedMember } from '../../../core/arbitration/decide-moments.ts';
import { replay } from '../../../core/arbitration/replay.ts';
import { decidedColumns } from '../../../core/arbitration/snapshot.ts';
import { NEUTRAL_DIMENSIONS } from '../../../core/persona/dimensions.ts';
import { makePersona } from '../../../core/persona/persona.ts';
import { rescore } from '../../../core/ranking/personal-rescore.ts';
import { DAY_PARTS } from '../../../core/ranking/ranker.ts';
import { FOOD_FIRST, OUTDOORS_FIRST } from './fixtures/group-trips.ts';
import { listed, moment } from './fixtures/moments.ts';
import { venuesOf } from './fixtures/venues.ts';

const CANDIDATES = venuesOf('seattle').slice(0, 60);
const PERSONA = makePersona(NEUTRAL_DIMENSIONS, []);
const CONTEXTS = DAY_PARTS.map((dayPart) => moment({ dayPart, partyKind: 'solo', partySize: 1 }));
const LIST = listed(CANDIDATES.slice(0, 30).map(({ id }) => id));

function member(logits: ((i: number) => number) | 'cold' | 'unavailable', id = 'a', persona = PERSONA): RankedMember {
  const llm = rescore(
    persona,
    CANDIDATES,
    CONTEXTS.map((context) => ({ context, archetypeRanking: LIST })),
  );
  const ml =
    typeof logits === 'string'
      ? ({ missing: logits } as const)
      : {
          modelVersion: 'some-ml@1',
          logits: CONTEXTS.map(() => Float32Array.from(CANDIDATES, (_, i) => logits(i))),
        };
  return { id, persona, llm, ml };
}

const request = (members: readonly RankedMember[], more: Partial<MomentsRequest> = {}): MomentsRequest => ({
  members,
  candidates: CANDIDATES,
  lists: CONTEXTS.map(() => [LIST]),
  traveller: { trips: 5, countingSignals: 40, sequenceMomentum: 0 },
  partySize: members.length,
  mode: 'live',
  exploration: 0,
  config: DEFAULT_ARBITRATION,
  draws: () => ({ draw: 0.9, coin: 0.9 }),
  ...more,
});

const decideMoments = (asked: MomentsRequest) => openMoments(asked).decide(null);

/** The last candidates first: nobody else would. */
const backwards = (i: number) => i / 5;

describe('the moments of a plan', () => {
  it('have nothing to decide for who is cold: the lists are those of the language model', () => {
    const cold = member('cold');
    const { members, decided } = decideMoments(request([cold]));
    expect(decided).toBeNull();
    expect(members[0]!.moments).toBe(cold.llm);
  });

  it('are served by the trained ranker where the rules say so, in its order', () => {
    const { members, decided } = decideMoments(request([member(backwards)]));
    expect(decided!.map(({ decision, servedBy }) => [decision.served, servedBy])).toEqual(
      CONTEXTS.map(() => ['ml', 'some-ml@1']),
    );
    expect(members[0]!.moments[0]!.order[0]).toBe(CANDIDATES.length - 1);
  });

  it('are served by the language model in shadow, and where fewer than three trips were made', () => {
    const shadow = decideMoments(request([member(backwards)], { mode: 'shadow' }));
    expect(shadow.decided!.every(({ decision }) => decision.served === 'llm' && decision.chosen === 'ml')).toBe(true);
    const traveller = { trips: 2, countingSignals: 25, sequenceMomentum: 0 };
    const newcomer = decideMoments(request([member(backwards)], { traveller }));
    expect(newcomer.decided!.map(({ decision }) => [decision.rule, decision.served])).toEqual(
      CONTEXTS.map(() => ['cold', 'llm']),
    );
    expect(newcomer.members[0]!.moments).toEqual(member(backwards).llm);
  });

  it('say when either side was missing', () => {
    const late = decideMoments(request([member(backwards)], { lists: null }));
    expect(late.decided!.map(({ decision }) => decision.rule)).toEqual(CONTEXTS.map(() => 'llm_late'));
    const broken = decideMoments(request([member('unavailable')]));
    expect(broken.decided!.map(({ decision }) => [decision.rule, decision.served])).toEqual(
      CONTEXTS.map(() => ['ml_unavailable', 'llm']),
    );
  });

  it('of a group are decided for the group: who is cold in it keeps the own list on both sides', () => {
    const warm = member(backwards, 'a', FOOD_FIRST);
    const cold = member('cold', 'b', OUTDOORS_FIRST);
    const { members, decided } = decideMoments(request([warm, cold]));
    const [first] = decided!;
    expect(first!.inputs.input.context).toMatchObject({ isGroup: true, groupConflict: expect.any(Number) });
    expect(first!.decision.served).toBe('ml');
    expect(members[1]!.moments[0]).toBe(cold.llm[0]);
    expect(members[0]!.moments[0]).not.toEqual(warm.llm[0]);
  });

  it('are decided by lot where the lot says so, with its probability', () => {
    const { decided } = decideMoments(
      request([member(backwards)], { exploration: 0.1, draws: () => ({ draw: 0.05, coin: 0.7 }) }),
    );
    for (const { decision } of decided!) {
      expect(decision).toMatchObject({ served: 'llm', chosen: 'ml', explored: true, propensity: 0.05 });
    }
  });

  it('are decided by a learned arbiter where one serves, agreement apart', () => {
    const { decided } = openMoments(request([member(backwards)])).decide(
      CONTEXTS.map((_, m) => ({ version: 'arbiter@1', probabilityMl: m === 0 ? 0.2 : 0.8 })),
    );
    expect(decided!.map(({ decision }) => [decision.rule, decision.served])).toEqual([
      ['learned', 'llm'],
      ['learned', 'ml'],
      ['learned', 'ml'],
    ]);
  });

  it('can be decided again from what is logged of them, byte for byte', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: -4, max: 4, noNaN: true })),
        fc.integer({ min: 0, max: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('live', 'shadow'),
        (stream, trips, momentum, mode) => {
          const logits = CANDIDATES.map(() => stream.next().value);
          const { decided } = decideMoments(
            request([member((i) => logits[i]!)], {
              mode,
              exploration: 0.5,
              traveller: { trips, countingSignals: 30, sequenceMomentum: momentum },
            }),
          );
          for (const { inputs, decision } of decided!) {
            // As Postgres gives it back.
            const row = JSON.parse(JSON.stringify(decidedColumns(inputs, decision)));
            expect(replay(row).differences).toEqual([]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
