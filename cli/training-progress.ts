/** One line with epoch, loss, validation and time left; where there is no terminal, a line an epoch. */
import type { Progress } from '../training/engine/train.ts';

export function shownProgress(now: () => number = () => performance.now()) {
  const began = now();
  const terminal = process.stderr.isTTY;
  let first: { at: number; done: number } | null = null;
  let epoch = 0;
  return {
    show({ epoch: current, epochs, step, steps, loss, validation }: Progress): void {
      const done = current - 1 + Math.min(step / steps, 1);
      first ??= { at: now(), done };
      const speed = (done - first.done) / (now() - first.at);
      const left = speed > 0 ? `, at most ${duration((epochs - done) / speed)} left` : '';
      const best = validation === null ? '' : `, validation ${validation.toFixed(4)}`;
      const line = `epoch ${current}/${epochs}, loss ${loss.toFixed(4)}${best}${left}`;
      if (terminal) process.stderr.write(`\r\x1b[K${line}`);
      else if (current !== epoch) process.stderr.write(`${duration(now() - began)} ${line}\n`);
      epoch = current;
    },
    clear(): void {
      if (terminal) process.stderr.write('\r\x1b[K');
    },
  };
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
