/** A logged decision, made again. */
import { canonicalJson } from './canonical-json.ts';
import { decide } from './decide.ts';
import type { ArbitrationDecision } from './decision.ts';
import { type DecidedColumns, decidedColumns, decisionInputsSchema } from './snapshot.ts';

/** The log does not hold what the decision was made of. */
export class NotReplayable extends Error {
  override readonly name = 'NotReplayable';
}

export interface Difference {
  /** Dotted: `contextSnapshot.served`. */
  path: string;
  /** Canonical JSON; null where there is nothing. */
  logged: string | null;
  again: string | null;
}

export interface Replay {
  decision: ArbitrationDecision;
  /** Of log and replay, as canonical JSON. */
  logged: string;
  again: string;
  /** Empty where the two are the same bytes. */
  differences: Difference[];
}

/**
 * Decides again from what a row's snapshot keeps and compares all that the row says of the decision.
 * @throws NotReplayable where the snapshot is not one of `contextSnapshot`, or of a later version
 */
export function replay(row: DecidedColumns): Replay {
  const snapshot = row.contextSnapshot;
  if (snapshot?.v !== 1) throw new NotReplayable(`a snapshot of version ${JSON.stringify(snapshot?.v) ?? 'unknown'}`);
  const read = decisionInputsSchema.safeParse(snapshot.inputs);
  if (!read.success) {
    const issue = read.error.issues[0]!;
    throw new NotReplayable(`inputs.${issue.path.map(String).join('.')}: ${issue.message}`);
  }
  const { input, config, draw, coin, learned } = read.data;
  const decision = decide(input, config, draw, coin, learned);
  const { mlTop3, llmTop3, arbitrationRule, agreementScore } = row;
  const before = { mlTop3, llmTop3, arbitrationRule, agreementScore, contextSnapshot: snapshot };
  const now = decidedColumns(read.data, decision);
  const [logged, again] = [canonicalJson(before), canonicalJson(now)];
  return { decision, logged, again, differences: logged === again ? [] : differencesOf(before, now, '') };
}

function differencesOf(a: unknown, b: unknown, path: string): Difference[] {
  const [logged, again] = [a, b].map((value) => (value === undefined ? null : canonicalJson(value)));
  if (logged === again) return [];
  if (!isObject(a) || !isObject(b)) return [{ path, logged: logged!, again: again! }];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.flatMap((key) => differencesOf(a[key], b[key], path === '' ? key : `${path}.${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
