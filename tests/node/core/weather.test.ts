import { describe, expect, it } from 'vitest';
import { conditionAt, conditionOf } from '../../../core/weather/condition.ts';
import { type ForecastHour, HOUR_MS } from '../../../core/weather/forecast.ts';
import { isWet, rainSpells } from '../../../core/weather/rain.ts';

const NINE = Date.parse('2026-06-01T09:00:00Z');

const hour = (fields: Partial<ForecastHour> = {}): ForecastHour => ({
  at: NINE,
  precipitationMm: 0,
  precipitationChance: 0,
  code: 0,
  temperatureC: 18,
  ...fields,
});

describe('the word for an hour', () => {
  it.each([
    ['clear', { code: 1 }],
    ['cloudy', { code: 2 }],
    ['cloudy', { code: 45 }],
    ['rain', { code: 53 }],
    ['rain', { code: 3, precipitationMm: 0.2 }],
    ['heavy_rain', { code: 61, precipitationMm: 4 }],
    ['heavy_rain', { code: 95 }],
    ['snow', { code: 73, precipitationMm: 5 }],
    ['hot', { code: 0, temperatureC: 32 }],
    // Rain in the heat is rain first.
    ['rain', { code: 80, temperatureC: 35 }],
    ['clear', { precipitationMm: 0.1, precipitationChance: null, temperatureC: null }],
    [null, { code: null, precipitationMm: null, temperatureC: null }],
  ] as const)('is %s for %o', (word, fields) => {
    expect(conditionOf(hour(fields))).toBe(word);
  });
});

describe('the weather at an instant', () => {
  const forecast = (fetchedAt: number) => ({
    fetchedAt,
    hours: [hour({ code: 3 }), hour({ at: NINE + HOUR_MS, code: 61 })],
  });

  it('is that of its hour', () => {
    expect(conditionAt(forecast(NINE), NINE)).toBe('cloudy');
    expect(conditionAt(forecast(NINE), NINE + HOUR_MS - 1)).toBe('cloudy');
    expect(conditionAt(forecast(NINE), NINE + HOUR_MS)).toBe('rain');
  });

  it('is not known outside the forecast', () => {
    expect(conditionAt(forecast(NINE), NINE - 1)).toBeNull();
    expect(conditionAt(forecast(NINE), NINE + 2 * HOUR_MS)).toBeNull();
  });

  it('is not known from a forecast of more than three hours before; one made after the hour knows it', () => {
    expect(conditionAt(forecast(NINE - 3 * HOUR_MS), NINE + HOUR_MS / 2)).toBe('cloudy');
    expect(conditionAt(forecast(NINE - 3 * HOUR_MS - 1), NINE + HOUR_MS / 2)).toBeNull();
    expect(conditionAt(forecast(NINE + 10 * HOUR_MS), NINE)).toBe('cloudy');
  });
});

describe('rain', () => {
  it('is what is more than a trace and more likely than not', () => {
    expect(isWet(hour({ precipitationMm: 0.2, precipitationChance: 0.5 }))).toBe(true);
    expect(isWet(hour({ precipitationMm: 0.1, precipitationChance: 1 }))).toBe(false);
    expect(isWet(hour({ precipitationMm: 5, precipitationChance: 0.49 }))).toBe(false);
    expect(isWet(hour({ precipitationMm: 5, precipitationChance: null }))).toBe(true);
    expect(isWet(hour({ precipitationMm: null, precipitationChance: 1 }))).toBe(false);
  });

  it('falls in spells, parted by dry hours', () => {
    const hours = [1, 1, 0, 1, 0, 0, 1, 1, 1].map((precipitationMm, i) =>
      hour({ at: NINE + i * HOUR_MS, precipitationMm, precipitationChance: 1 }),
    );
    expect(rainSpells(hours).map(({ from, to }) => [(from - NINE) / HOUR_MS, (to - NINE) / HOUR_MS])).toEqual([
      [0, 2],
      [3, 4],
      [6, 9],
    ]);
    expect(rainSpells(hours.slice(2, 3))).toEqual([]);
  });
});
