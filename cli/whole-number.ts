import { InvalidArgumentError } from 'commander';

/** Parses an option's argument. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (/^-?\d+$/.test(text) && n >= least && n <= most) return n;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}
