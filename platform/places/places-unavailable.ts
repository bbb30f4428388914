/** Why the places provider gave nothing. */

/**
 * `over_budget`: today's calls are spent, and none was made. `rejected`: any other status, such as a refused key.
 * `malformed`: an answer that is not in the API's shape.
 */
export type PlacesFailureCode = 'over_budget' | 'timeout' | 'unreachable' | 'rate_limited' | 'rejected' | 'malformed';

export class PlacesUnavailable extends Error {
  override readonly name = 'PlacesUnavailable';
  readonly code: PlacesFailureCode;
  constructor(code: PlacesFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
