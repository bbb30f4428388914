import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import type { LlmBudget } from '../../durable-objects/llm-budget.ts';
import { budgetGate, capFromUsd, utcDay } from '../../platform/llm/spend-gate.ts';

const DAY = '2026-11-21';
const LATE = Date.UTC(2026, 10, 21, 23, 59, 59);

/** A budget of its own for each test. */
const budget = () => env.LLM_BUDGET.get(env.LLM_BUDGET.newUniqueId());

describe('the budget of the language model', () => {
  it('never lets reservations at the same time pass the cap together', async () => {
    const stub = budget();
    const granted = await Promise.all(Array.from({ length: 40 }, () => stub.reserve(100, 1_050, DAY)));
    expect(granted.filter(Boolean)).toHaveLength(10);
    expect(await stub.today(DAY)).toMatchObject({ day: DAY, spentMicroUsd: 1_000, refused: 30 });
  });

  it('counts what a call did cost in the place of what was set aside, also when that is more', async () => {
    const stub = budget();
    await stub.reserve(1_000, 1_000, DAY);
    await stub.settle(1_000, 40, DAY);
    expect(await stub.reserve(960, 1_000, DAY)).toBe(true);
    await stub.settle(960, 1_200, DAY);
    expect(await stub.today(DAY)).toMatchObject({ spentMicroUsd: 1_240 });
    expect(await stub.reserve(1, 1_000, DAY)).toBe(false);
  });

  it('starts each UTC day at nothing, and settles on the day of the reservation', async () => {
    const stub = budget();
    const options = { capMicroUsd: 1_000, now: LATE };
    const before = budgetGate(stub, options);
    const after = budgetGate(stub, { ...options, now: LATE + 1_000 });
    expect(await before.reserve(1_000)).toBe(true);
    expect(await before.reserve(1)).toBe(false);
    expect(await after.reserve(1_000)).toBe(true);
    await before.settle(1_000, 10);
    expect(await stub.today(DAY)).toMatchObject({ spentMicroUsd: 10 });
    expect(await stub.today('2026-11-22')).toMatchObject({ spentMicroUsd: 1_000 });
  });

  it('remembers after the object has left memory', async () => {
    const stub = budget();
    await stub.reserve(700, 1_000, DAY);
    await evictDurableObject(stub);
    expect(await stub.reserve(700, 1_000, DAY)).toBe(false);
  });

  it('alerts once on a day that costs more than twice the average of the seven days before it', async () => {
    const stub = budget();
    await runInDurableObject(stub, async (object: LlmBudget) => {
      const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const alerts = () => warned.mock.calls.filter(([line]) => String(line).includes('llm_spend_alert')).length;
      const spend = (microUsd: number, day: string) => {
        object.reserve(microUsd, 1e9, day);
        object.settle(microUsd, microUsd, day);
      };
      // The first week has nothing to be compared with; this day is out of the week that counts below.
      spend(1_000_000, '2026-11-13');
      expect(alerts()).toBe(0);
      // 1,400 in seven days: 200 a day.
      spend(1_000, '2026-11-14');
      spend(400, '2026-11-20');
      spend(400, DAY);
      expect([object.today(DAY).weekAverageMicroUsd, object.today(DAY).alert, alerts()]).toEqual([200, false, 0]);
      // A reservation is more than a call will cost: it alerts nobody.
      object.reserve(500, 1e9, DAY);
      expect(alerts()).toBe(0);
      object.settle(500, 1, DAY);
      expect([object.today(DAY).alert, alerts()]).toEqual([true, 1]);
      spend(100, DAY);
      expect(alerts()).toBe(1);
      warned.mockRestore();
    });
  });

  it('takes no amount that could make room: negative, broken or not a number', async () => {
    const stub = budget();
    await runInDurableObject(stub, (object: LlmBudget) => {
      for (const amount of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => object.reserve(amount, 1_000, DAY)).toThrow('no amount');
        expect(() => object.settle(0, amount, DAY)).toThrow('no amount');
      }
      expect(() => object.reserve(1, 1_000, 'today')).toThrow('no ISO date');
    });
    expect(await stub.today(DAY)).toMatchObject({ spentMicroUsd: 0 });
  });
});

it('a cap is read from its variable, and a typo is no cap of nothing or of everything', () => {
  expect(capFromUsd('5')).toBe(5_000_000);
  expect(capFromUsd('0.25')).toBe(250_000);
  expect(capFromUsd('0')).toBe(0);
  for (const text of ['', ' ', 'five', '-1', 'Infinity', 'NaN', '1e12'])
    expect(() => capFromUsd(text)).toThrow(RangeError);
  expect(utcDay(LATE)).toBe(DAY);
});
