/** Why a query failed: its data, or the database's not being there. */

/** The SQLSTATE of the error or of what caused it. */
function sqlState(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code)) return cause.code;
  }
  return null;
}

/** Postgres answered, and what it objects to is the data: the same again would fail again (SQLSTATE classes 22 and 23). */
export function isDataFault(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error) ?? '');
}

/** 08 connection, 40 rolled back, 53 resources, 55 not in a state for it, 57 operator, 58 system. */
const PASSING_CLASSES = /^(08|40|53|55|57|58)/;

/** Of the database driver and of `fetch`, where nobody answers. */
const UNREACHABLE =
  /error connecting to database|network connection lost|fetch failed|internal error|timed? ?out|connection terminated|websocket/i;

/** The database, or another service, cannot be had just now: later the same may succeed. */
export function isOutage(error: unknown): boolean {
  const state = sqlState(error);
  if (state) return PASSING_CLASSES.test(state);
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    // Durable Objects say themselves that a call may be repeated.
    if (UNREACHABLE.test(cause.message) || (cause as { retryable?: unknown }).retryable === true) return true;
  }
  return false;
}
