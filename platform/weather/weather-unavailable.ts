/** Why the weather provider gave nothing. */
import type { CallFailureCode } from '../provider-call.ts';

/** `malformed`: an answer that is not in the API's shape. */
export type WeatherFailureCode = CallFailureCode | 'malformed';

export class WeatherUnavailable extends Error {
  override readonly name = 'WeatherUnavailable';
  readonly code: WeatherFailureCode;
  constructor(code: WeatherFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
