/** A trip against a model of it: whatever its members, the platform and the clock do to it, in any order. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, type Guest, inDays, newGuest } from '../api/client.ts';
import { tokenOf } from '../api/tokens.ts';
import { HeldQueues } from './held-queues.ts';
import { arrive } from './trip-model/check.ts';
import { Invite, invite, Join, join, leave } from './trip-model/member-commands.ts';
import { TripModel } from './trip-model/model.ts';
import { answerPivot, askPivot } from './trip-model/pivot-commands.ts';
import {
  alarm,
  breakQueues,
  clock,
  deliver,
  evict,
  moveClock,
  reconnect,
  sayAgain,
} from './trip-model/platform-commands.ts';
import { RealTrip } from './trip-model/real-trip.ts';
import { actOnSlot, changeStatus } from './trip-model/slot-commands.ts';

const RUNS = 30;
const MOST_COMMANDS = 40;
const SEED = 20_261_121;
const MINUTE = 60_000;

const guests: Guest[] = [];
let queues: HeldQueues;

beforeAll(async () => {
  // The clock goes past the end of an ordinary token.
  const exp = Math.floor(Date.now() / 1000) + 60 * 86_400;
  for (let i = 0; i < 4; i += 1) {
    const { id } = await newGuest();
    guests.push({ id, token: await tokenOf(id, { claims: { exp } }) });
  }
  queues = new HeldQueues();
});
afterAll(() => queues.release());

/** With a companion. */
async function plannedTrip() {
  queues.fault = 'none';
  const json = { city: 'seattle', start_date: inDays(3), days: 3 };
  const { status, body } = await call('POST', '/trips', { token: guests[0]!.token, json });
  expect(status).toBe(201);
  const model = new TripModel(guests, body);
  const real = new RealTrip(body, queues);
  await new Invite(0).run(model, real);
  await new Join(1, 0).run(model, real);
  return { model, real };
}

const commands = fc.commands(
  [
    fc.oneof(
      { weight: 8, arbitrary: actOnSlot },
      { weight: 6, arbitrary: askPivot },
      { weight: 8, arbitrary: answerPivot },
      { weight: 3, arbitrary: clock },
      { weight: 3, arbitrary: evict },
      { weight: 3, arbitrary: reconnect },
      { weight: 3, arbitrary: sayAgain },
      { weight: 3, arbitrary: invite },
      { weight: 4, arbitrary: join },
      { weight: 2, arbitrary: leave },
      { weight: 2, arbitrary: alarm },
      { weight: 2, arbitrary: deliver },
      { weight: 1, arbitrary: breakQueues },
      { weight: 1, arbitrary: changeStatus },
    ),
  ],
  { maxCommands: MOST_COMMANDS, size: 'max' },
);

it('a trip is what its model says, after every command, and Postgres says the same in the end', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (given) => {
      const { model, real } = await plannedTrip();
      try {
        await fc.asyncModelRun(async () => ({ model, real }), given);
        queues.fault = 'none';
        // Past the longest that the outbox waits after a failure.
        if (!model.archived) await moveClock(model, real, model.now() + 6 * MINUTE);
        await arrive(model, real);
      } finally {
        real.end();
      }
    }),
    // Where it fails, the seed, the path and the commands that are left after shrinking are printed.
    { seed: SEED, numRuns: RUNS, verbose: true, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true },
  );
}, 300_000);
