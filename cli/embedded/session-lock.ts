/**
 * PGlite is one Postgres backend: one session at a time may talk to it. An HTTP request holds the session for its
 * statements; a WebSocket client from the first message of a transaction to its end. First come, first served.
 */
export interface SessionLock {
  /** Resolves when it is the caller's turn, with the function that ends the turn (calling it again does nothing). */
  acquire(): Promise<() => void>;
}

export function createSessionLock(): SessionLock {
  const waiting: (() => void)[] = [];
  let held = false;
  return {
    async acquire() {
      if (held) await new Promise<void>((turn) => waiting.push(turn));
      held = true;
      let released = false;
      return () => {
        if (released) return;
        released = true;
        const next = waiting.shift();
        // The lock stays held while it is handed on, so that nobody overtakes the queue.
        if (next) next();
        else held = false;
      };
    },
  };
}
