/** What a trip's object refuses, as clients are told. */
import type { Trip } from '../../core/itinerary/trip.ts';
import { MOST_MEMBERS } from '../../core/live/members.ts';
import type { TripAnswer, TripProblem } from '../../durable-objects/trip-answer.ts';
import type { AppContext } from '../app-env.ts';
import { invalidField, Problem } from '../problem.ts';

export function asProblem(problem: TripProblem): Problem {
  switch (problem.code) {
    case 'trip_not_found':
      return new Problem(404, problem.code, 'there is no such trip');
    case 'slot_not_found':
      return new Problem(404, problem.code, 'the trip has no such slot');
    case 'venue_not_found':
      return invalidField('venue_id', problem.code, 'the city of the trip has no such venue');
    case 'organiser_only':
      return new Problem(403, problem.code, 'only the organiser may do this');
    case 'not_in_planning':
      return new Problem(409, problem.code, `the trip is ${problem.status}`);
    case 'slots_locked':
      return new Problem(409, 'slot_locked', 'locked slots cannot be planned anew: unlock them first', {
        errors: problem.slotIds.map((id) => ({ field: 'slot_id', message: id })),
      });
    case 'trip_changed':
      return new Problem(409, problem.code, 'the trip was changed meanwhile: try again');
    case 'trip_ended':
      return new Problem(409, problem.code, `the trip is ${problem.status}`);
    case 'slot_locked':
      return new Problem(409, problem.code, 'the slot is locked');
    case 'slot_skipped':
      return new Problem(409, problem.code, 'the slot was skipped: accept it first');
    case 'slot_started':
      return new Problem(409, problem.code, 'the slot has begun already');
    case 'no_alternative':
      return new Problem(409, problem.code, 'no other venue fits into the slot');
    case 'venue_already_in_trip':
      return new Problem(409, problem.code, 'the venue is in the trip already');
    case 'venue_not_feasible':
      return new Problem(422, problem.code, `the venue does not fit into the slot: ${problem.why}`, {
        errors: [{ field: 'venue_id', message: problem.why }],
      });
    case 'status_not_allowed':
      return invalidField('status', problem.code, `a trip that is ${problem.from} cannot become ${problem.to}`);
    case 'member_not_found':
      return new Problem(404, problem.code, 'the trip has no such member');
    case 'last_member':
      return new Problem(409, problem.code, 'nobody else is in the trip: delete it instead');
    case 'trip_full':
      return new Problem(409, problem.code, `a trip has at most ${MOST_MEMBERS} members`);
    case 'invite_used':
      return new Problem(409, problem.code, 'the invite has been used');
    case 'pivot_not_found':
      return new Problem(404, problem.code, 'the trip has no such pivot');
    case 'pivot_expired':
      return new Problem(409, problem.code, 'the pivot was not answered in time');
    case 'too_many_pivots':
      return new Problem(429, problem.code, 'answer some of the open pivots first');
    case 'option_not_found':
      return invalidField('option_id', problem.code, 'the pivot has no such option');
    case 'option_no_longer_fits':
      return new Problem(409, problem.code, 'the trip has changed since, and the option no longer fits');
    case 'end_date_not_shorter':
      return invalidField('end_date', problem.code, 'give a last day between the first and the present last one');
  }
}

/** The trip of an answer, whose ranking the response names. Throws the problem where there is one. */
export function answered(c: AppContext, answer: TripAnswer): Trip {
  if (!answer.ok) throw asProblem(answer.problem);
  c.set('modelVersion', answer.trip.ranking.modelVersion);
  return answer.trip;
}
