/** Why the places provider gave nothing. */
import type { CallFailureCode } from '../provider-call.ts';

/** `over_budget`: today's calls are spent, and none was made. `malformed`: an answer that is not in the API's shape. */
export type PlacesFailureCode = CallFailureCode | 'over_budget' | 'malformed';

export class PlacesUnavailable extends Error {
  override readonly name = 'PlacesUnavailable';
  readonly code: PlacesFailureCode;
  constructor(code: PlacesFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
