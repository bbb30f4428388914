/** Signals with the weather in which they happened, where a forecast knows it. */
import type { SignalMessage } from '../core/signal/signal-message.ts';
import { conditionAt } from '../core/weather/condition.ts';
import type { StoredForecast } from '../platform/weather/stored-forecasts.ts';

export interface WeatherSources {
  /** In the order of the signals; null where nobody was travelling. */
  citiesOf: (signals: readonly SignalMessage[]) => Promise<(string | null)[]>;
  forecastOf: (city: string) => Promise<StoredForecast | null>;
}

/** What an app says of the weather stands. */
export async function withWeather(
  signals: readonly SignalMessage[],
  { citiesOf, forecastOf }: WeatherSources,
): Promise<SignalMessage[]> {
  const cities = await citiesOf(signals);
  const known = [...new Set(cities.filter((city) => city !== null))];
  const forecasts = new Map(await Promise.all(known.map(async (city) => [city, await forecastOf(city)] as const)));
  return signals.map((signal, i) => {
    const forecast = forecasts.get(cities[i] ?? '');
    const weather = forecast ? conditionAt(forecast, Date.parse(signal.occurredAt)) : null;
    const said = typeof signal.context.weather === 'string';
    return weather === null || said ? signal : { ...signal, context: { ...signal.context, weather } };
  });
}
