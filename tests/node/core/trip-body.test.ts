import { expect, it } from 'vitest';
import { toTripBody, withoutAlternatives } from '../../../core/live/trip-body.ts';
import { plannedTrip } from './fixtures/planned-trip.ts';

it('a trip without its alternatives has the same body, and weighs less than half', () => {
  const planned = plannedTrip({ days: 5 });
  const [first, ...others] = planned.slots;
  const trip = { ...planned, slots: [{ ...first!, status: 'skipped' as const }, ...others] };
  const lean = withoutAlternatives(trip);
  expect(toTripBody(lean)).toEqual(toTripBody(trip));
  expect(JSON.stringify(lean).length).toBeLessThan(JSON.stringify(trip).length / 2);
});
