/** What the towers are fed, wherever they run. */
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';

export const TOWER_WIDTH = 64;

/** Persona embedding, then the mean of the features of what the traveller took so far (zeros: nothing yet). */
export const USER_FEATURES = PERSONA_VECTOR_LENGTH + VENUE_FEATURES;

/** Into [USER_FEATURES] of `into`, from `at`. */
export function writeUser(
  persona: ArrayLike<number>,
  taken: readonly Float32Array[],
  into: Float32Array,
  at: number,
): void {
  into.set(persona, at);
  for (const features of taken) {
    for (let i = 0; i < VENUE_FEATURES; i++) into[at + PERSONA_VECTOR_LENGTH + i]! += features[i]! / taken.length;
  }
}
