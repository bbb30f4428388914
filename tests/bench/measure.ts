/** Timing that can be read: warm-up first, then medians and p95 of many runs. */

export interface Percentiles {
  n: number;
  p50: number;
  p95: number;
}

export function percentiles(samples: readonly number[]): Percentiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { n: sorted.length, p50: at(0.5), p95: at(0.95) };
}

/** Milliseconds of each of `runs` calls, one after the other, after `warmUp` that do not count. */
export async function timeEach(runs: number, warmUp: number, work: (run: number) => unknown): Promise<number[]> {
  const samples: number[] = [];
  for (let run = -warmUp; run < runs; run++) {
    const from = performance.now();
    await work(run);
    if (run >= 0) samples.push(performance.now() - from);
  }
  return samples;
}

/** The same from `clients` at once, each taking the next run as soon as it is free. Rejections count as errors. */
export async function timeConcurrently(
  clients: number,
  runs: number,
  work: (run: number) => Promise<unknown>,
): Promise<{ samples: number[]; errors: number; seconds: number }> {
  const samples: number[] = [];
  let errors = 0;
  let next = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (next < runs) {
        const run = next++;
        const started = performance.now();
        try {
          await work(run);
          samples.push(performance.now() - started);
        } catch (error) {
          if (errors++ === 0) console.error(String(error));
        }
      }
    }),
  );
  return { samples, errors, seconds: (performance.now() - from) / 1000 };
}

export const ms = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(1));

export interface Row {
  what: string;
  /** What is to be reached; empty where nothing is promised. */
  target: string;
  measured: string;
  /** Null where there is no target. */
  reached: boolean | null;
}

export function table(rows: readonly Row[]): string {
  const mark = (reached: boolean | null) => (reached === null ? '' : reached ? 'yes' : '**no**');
  return [
    '| what | target | measured | reached |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row.what} | ${row.target} | ${row.measured} | ${mark(row.reached)} |`),
  ].join('\n');
}
