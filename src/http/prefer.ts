/** What a caller prefers (RFC 7240): to wait for the outcome, to be answered at once, or to be judged leniently. */
export interface Preference {
  readonly wait: boolean;
  /** How long to wait for the outcome at most, in milliseconds; then the answer is 202. */
  readonly waitMs: number;
  readonly respondAsync: boolean;
  /** `handling=lenient`: what is good is to be taken, and what is not is told. */
  readonly isLenient: boolean;
}

/** Without a number, and at most: most callers give up by then, and the queue takes over soon after. */
const longestWaitMs = 30_000;

/** Reads a `Prefer` header. Of a preference that is named twice the first one counts. */
export function preferenceOf(headers: { get(name: string): string | null }): Preference {
  const values = new Map<string, string>();
  for (const part of (headers.get('prefer') ?? '').split(/[,;]/)) {
    const [name = '', value = ''] = part.split('=').map((side) => side.trim().toLowerCase());
    if (!values.has(name)) values.set(name, value.replace(/^"(.*)"$/, '$1'));
  }
  const wait = values.get('wait');
  return {
    wait: wait !== undefined,
    waitMs: wait && /^\d+$/.test(wait) ? Math.min(Number(wait) * 1000, longestWaitMs) : longestWaitMs,
    respondAsync: values.has('respond-async'),
    isLenient: values.get('handling') === 'lenient',
  };
}
