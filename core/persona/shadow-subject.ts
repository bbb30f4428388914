/** Shadow travellers are made up: they have a row among the users, and nobody ever signs in as one. */

export const SHADOW_SUBJECT_PREFIX = 'shadow:';

export function isShadowSubject(subject: string): boolean {
  return subject.startsWith(SHADOW_SUBJECT_PREFIX);
}
