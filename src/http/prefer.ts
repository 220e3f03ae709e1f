/** What a caller prefers (RFC 7240): to wait for the outcome, or to be answered at once. */
export interface Preference {
  readonly wait: boolean;
  readonly respondAsync: boolean;
}

/** Reads a `Prefer` header. The seconds of `wait=10` are not looked at: a call takes as long as one attempt. */
export function preferenceOf(headers: { get(name: string): string | null }): Preference {
  const names = (headers.get('prefer') ?? '')
    .split(/[,;]/)
    .map((part) => part.split('=')[0]?.trim().toLowerCase());
  return { wait: names.includes('wait'), respondAsync: names.includes('respond-async') };
}
