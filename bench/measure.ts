/** The value below which `share` of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;

export const perSecond = (value: number): string => `${Math.round(value)} per s`;

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** One line of the report: the relay, what stands beside it, and how many times the one is the other. */
export function report(what: string, relay: string, beside = '', ratio?: number): void {
  const times = ratio === undefined ? '' : `${ratio.toFixed(2)} x`;
  console.log(`${what.padEnd(46)} ${relay.padEnd(30)} ${beside.padEnd(48)} ${times}`.trimEnd());
}
