/** Rules are reported, judged, switched off and on again. */
import { and, eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_ARBITRATION } from '../../../core/arbitration/config.ts';
import { arbitrationConfig } from '../../../platform/database/arbitration.ts';
import { alerts, arbitrationRules, jobRuns } from '../../../platform/database/schema/index.ts';
import { arbitrationReview } from '../../../queues/arbitration-review.ts';
import type { JobContext } from '../../../queues/job-context.ts';
import { scheduledJob } from '../../../queues/scheduled-jobs.ts';
import { call, database, newGuest } from '../api/client.ts';
import { adminToken, deliver } from '../signals/scene.ts';
import { answered, event, insertEvents, novelVenueInput } from './scene.ts';

const RULE = 'novel_venue';
const token = await adminToken();

/** A day of long ago that no other run has. */
let day = Date.UTC(1980, 0, 1) + Math.floor(Math.random() * 5000) * 86_400_000;
const anotherDay = () => {
  day += 200 * 86_400_000;
  return new Date(day);
};

const forget = () => database.delete(arbitrationRules).where(eq(arbitrationRules.rule, RULE));
beforeEach(forget);
afterAll(forget);

const review = (now: Date) =>
  arbitrationReview(null, { database, now: now.getTime(), log: () => {} } as unknown as JobContext);

const report = async (from: Date, to: Date) => {
  const query = new URLSearchParams({ from: from.toISOString(), to: to.toISOString() });
  const { status, body } = await call('GET', `/admin/arbitration?${query}`, { token });
  expect(status).toBe(200);
  return body;
};
// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
const ofRule = (body: any, rule = RULE) => body.rules.find((one: { rule: string }) => one.rule === rule);
const dayBefore = (at: Date) => new Date(at.getTime() - 86_400_000);

describe('the report', () => {
  it('says per rule what was accepted of either side, from randomised decisions', async () => {
    const at = anotherDay();
    await insertEvents(answered(1, 600, at, { ml: 0.7, llm: 0.4 }));
    const body = await report(dayBefore(at), at);
    expect(body).toMatchObject({ decisions: 600, modes: { off: 0, shadow: 0, live: 600 }, would_escalate: 0 });
    const rule = ofRule(body);
    expect(rule).toMatchObject({
      fired: 600,
      share: 1,
      held: 600,
      fired_in_shadow: 0,
      enabled: true,
      speaks_for: 'ml',
    });
    expect(rule.served.ml.answered + rule.served.llm.answered).toBe(600);
    for (const [side, share] of [
      ['ml', 0.7],
      ['llm', 0.4],
    ] as const) {
      const { kind, interval } = rule.acceptance[side];
      expect(kind).toBe('value');
      expect(interval.lower).toBeLessThan(share);
      expect(interval.upper).toBeGreaterThan(share);
    }
    expect(rule.ml_lead.interval.lower).toBeGreaterThan(0);
    expect(ofRule(body, 'cold')).toMatchObject({ fired: 0, share: 0, acceptance: { ml: { kind: 'no_support' } } });
  });

  it('has no number where nothing was randomised, however much was accepted', async () => {
    const at = anotherDay();
    const certain = Array.from({ length: 300 }, () => ({ ...event({ occurredAt: dayBefore(at) }), accepted: true }));
    await insertEvents(certain);
    expect(ofRule(await report(dayBefore(at), at))).toMatchObject({
      served: { ml: { decisions: 300, answered: 300, accepted: 300 }, llm: { decisions: 0 } },
      acceptance: {
        ml: { kind: 'no_support', reason: 'deterministic_log' },
        llm: { kind: 'no_support', reason: 'deterministic_log' },
      },
      ml_lead: null,
    });
  });

  it('says what would have been in shadow, and leaves out what lies outside its range', async () => {
    const at = anotherDay();
    const shadow = { ...novelVenueInput(), mode: 'shadow' as const };
    await insertEvents([
      event({ occurredAt: dayBefore(at) }, shadow),
      event({ occurredAt: new Date(at.getTime() - 1) }, shadow),
      event({ occurredAt: at }, shadow),
    ]);
    const body = await report(dayBefore(at), at);
    expect(body).toMatchObject({ decisions: 2, modes: { shadow: 2 } });
    expect(ofRule(body)).toMatchObject({ fired: 2, fired_in_shadow: 2, served: { llm: { decisions: 2 } } });
  });

  it('refuses ranges that are none, and everybody but admins', async () => {
    const [early, late] = ['2020-01-01T00:00:00Z', '2020-02-01T00:00:00Z'];
    const get = (query: string) => call('GET', `/admin/arbitration?${query}`, { token });
    expect(await get(`from=${late}&to=${early}`)).toMatchObject({ status: 422, body: { code: 'empty_range' } });
    expect(await get(`from=2018-01-01T00:00:00Z&to=${early}`)).toMatchObject({
      status: 422,
      body: { code: 'range_too_long' },
    });
    expect((await get('from=yesterday')).status).toBe(400);
    expect((await get('')).status).toBe(200);
    const guest = await newGuest();
    expect((await call('GET', '/admin/arbitration', { token: guest.token })).status).toBe(403);
  });
});

describe('the review', () => {
  const standing = async () => (await arbitrationConfig(database, DEFAULT_ARBITRATION, 'test')).disabled.includes(RULE);
  const alertsOf = (at: Date) =>
    database
      .select()
      .from(alerts)
      .where(and(eq(alerts.kind, 'rule_switched_off'), eq(alerts.createdAt, at)));

  it('switches off a rule that is worse than the language model alone, and an alert says so', async () => {
    const at = anotherDay();
    await insertEvents(answered(2, 700, at, { ml: 0.3, llm: 0.6 }));
    await database.delete(alerts).where(and(eq(alerts.kind, 'rule_switched_off'), eq(alerts.subject, RULE)));
    expect((await review(at)).counts).toMatchObject({ switched_off: 1 });
    expect(await standing()).toBe(true);
    expect(await alertsOf(at)).toMatchObject([{ subject: RULE, detail: { decisions: 700, level: 0.99 } }]);
    const { switched, enabled } = ofRule(await report(dayBefore(at), at));
    expect(enabled).toBe(false);
    expect(switched).toMatchObject({ by: 'arbitration-review', at: at.toISOString(), evidence: { decisions: 700 } });
    // Found again, nothing is done again.
    expect((await review(at)).counts).toMatchObject({ switched_off: 0 });
    expect(await alertsOf(at)).toHaveLength(1);
  });

  it.each([
    ['as good', 700, { ml: 0.5, llm: 0.5 }],
    ['seen too seldom', 300, { ml: 0.2, llm: 0.8 }],
  ] as const)('leaves a rule that is %s', async (_, count, shares) => {
    const at = anotherDay();
    await insertEvents(answered(3, count, at, shares));
    expect((await review(at)).counts).toMatchObject({ switched_off: 0 });
    expect(await standing()).toBe(false);
  });

  it('judges a rule that was switched on again by what came after', async () => {
    const at = anotherDay();
    await insertEvents(answered(4, 700, at, { ml: 0.3, llm: 0.6 }));
    await database.insert(arbitrationRules).values({ rule: RULE, enabled: true, changedBy: 'test', changedAt: at });
    const later = new Date(at.getTime() + 2 * 86_400_000);
    expect((await review(later)).counts).toMatchObject({ switched_off: 0 });
    await insertEvents(answered(5, 700, later, { ml: 0.3, llm: 0.6 }));
    expect((await review(later)).counts).toMatchObject({ switched_off: 1 });
    expect(await standing()).toBe(true);
  });

  it('is a job of its own', async () => {
    const runId = uuidv7();
    const { acked } = await deliver('jobs', [{ body: scheduledJob('arbitration-review', runId, 'admin') }]);
    expect(acked).toHaveLength(1);
    const [run] = await database.select().from(jobRuns).where(eq(jobRuns.id, runId));
    expect(run).toMatchObject({ name: 'arbitration-review', status: 'done', error: null });
  });
});

describe('an admin', () => {
  const turn = (rule: string, json: unknown) => call('POST', `/admin/arbitration/rules/${rule}`, { token, json });

  it('switches a rule off and on again; the same again changes nothing', async () => {
    const on = await turn(RULE, { enabled: true });
    expect(on).toMatchObject({ status: 200, body: { rule: RULE, enabled: true, switched: null } });
    const off = await turn(RULE, { enabled: false, reason: 'too few dates' });
    expect(off.body).toMatchObject({ enabled: false, switched: { enabled: false, reason: 'too few dates' } });
    expect((await arbitrationConfig(database, DEFAULT_ARBITRATION, 'test')).disabled).toContain(RULE);
    expect((await turn(RULE, { enabled: false, reason: 'again' })).body).toEqual(off.body);
    const again = await turn(RULE, { enabled: true });
    expect(again.body).toMatchObject({ enabled: true, switched: { enabled: true, reason: null, evidence: null } });
    expect((await arbitrationConfig(database, DEFAULT_ARBITRATION, 'test')).disabled).not.toContain(RULE);
  });

  it('is told of rules that there are not, and of bodies that say nothing', async () => {
    expect(await turn('coin', { enabled: false })).toMatchObject({ status: 404, body: { code: 'unknown_rule' } });
    expect(await turn('learned', { enabled: false })).toMatchObject({ status: 404 });
    expect((await turn(RULE, {})).status).toBe(400);
    expect((await turn(RULE, { enabled: 'no' })).status).toBe(400);
    const guest = await newGuest();
    const refused = await call('POST', `/admin/arbitration/rules/${RULE}`, {
      token: guest.token,
      json: { enabled: false },
    });
    expect(refused.status).toBe(403);
  });
});
