/** What the towers are fed, wherever they run. */
import { PERSONA_VECTOR_LENGTH } from '../../core/persona/persona-vector.ts';
import { VENUE_FEATURES } from '../../core/venue/venue-features.ts';

export const TOWER_WIDTH = 64;

/** Persona embedding, then the mean of the features of what the traveller took so far (zeros: nothing yet). */
export const USER_FEATURES = PERSONA_VECTOR_LENGTH + VENUE_FEATURES;

/** Of the text encoder's vectors. */
export const TEXT_WIDTH = 96;

/** What a venue's record says as numbers, then as a text: no id is among them, so that a new venue has its vector at once. */
export const ITEM_FEATURES = VENUE_FEATURES + TEXT_WIDTH;

/** Part of the item tower's file: raise it when the numbers change. */
export const ITEM_FEATURES_VERSION = 'item-features@2';

/** Into [ITEM_FEATURES] of `into`, from `at`. */
export function writeItem(features: Float32Array, text: Float32Array, into: Float32Array, at: number): void {
  into.set(features, at);
  into.set(text, at + VENUE_FEATURES);
}

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
