/** The value below which `share` of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Runs `work` `count` times, `sideBySide` at once, and gives the time of each run in ms. */
export async function timeMany(
  count: number,
  sideBySide: number,
  work: (index: number) => Promise<void>,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      const start = performance.now();
      await work(index);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  return times;
}

/** One line of the report. */
export function report(name: string, text: string): void {
  console.log(`${name.padEnd(34)} ${text}`);
}

export const milliseconds = (ms: number): string => `${ms.toFixed(1)} ms`;

/** `median 1.0 ms, p99 2.0 ms of 100`. */
export function spread(times: readonly number[]): string {
  return `median ${milliseconds(percentile(times, 0.5))}, p99 ${milliseconds(percentile(times, 0.99))} of ${times.length}`;
}
