/** Text as people type it: slips of the finger, words left out, no capitals. */
import type { Random } from '../../core/experiment/random.ts';

const TYPO = 0.03;
const LEFT_OUT = 0.04;
const LOWER_CASE = 0.5;

export function noisy(text: string, random: Random): string {
  const words = text.split(' ').flatMap((word) => {
    if (random.chance(LEFT_OUT)) return [];
    return [word.length > 3 && random.chance(TYPO) ? mistyped(word, random) : word];
  });
  const typed = words.join(' ');
  return random.chance(LOWER_CASE) ? typed.toLowerCase() : typed;
}

/** A letter doubled, dropped, or exchanged with the next. */
function mistyped(word: string, random: Random): string {
  const letters = [...word];
  const at = random.int(letters.length - 1);
  const slip = random.int(3);
  if (slip === 0) letters.splice(at, 0, letters[at]!);
  else if (slip === 1) letters.splice(at, 1);
  else [letters[at], letters[at + 1]] = [letters[at + 1]!, letters[at]!];
  return letters.join('');
}
