/** The last forecast of each city, in Workers KV: `weather/<city>`. */
import type { Forecast } from '../../core/weather/forecast.ts';

/** Past the hours that it speaks of. */
const KEPT_SECONDS = 2 * 24 * 3600;

export interface StoredForecast extends Forecast {
  /** The run of `weather-poll` that fetched it. */
  runId: string;
}

export interface StoredForecasts {
  /** `city`: its slug. Null where there is none. */
  read(city: string): Promise<StoredForecast | null>;
  write(city: string, forecast: StoredForecast): Promise<void>;
}

export function storedForecasts(kv: KVNamespace): StoredForecasts {
  const key = (city: string) => `weather/${encodeURIComponent(city)}`;
  return {
    read: (city) => kv.get<StoredForecast>(key(city), 'json'),
    write: (city, forecast) => kv.put(key(city), JSON.stringify(forecast), { expirationTtl: KEPT_SECONDS }),
  };
}
