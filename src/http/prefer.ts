/** What a caller prefers (RFC 7240): to wait for the outcome, to be answered at once, or to be judged leniently. */
export interface Preference {
  readonly wait: boolean;
  readonly respondAsync: boolean;
  /** `handling=lenient`: what is good is to be taken, and what is not is told. */
  readonly isLenient: boolean;
}

/** Reads a `Prefer` header. The seconds of `wait=10` are not looked at: a call takes as long as one attempt. */
export function preferenceOf(headers: { get(name: string): string | null }): Preference {
  const preferences = (headers.get('prefer') ?? '').split(/[,;]/).map((part) => part.trim().toLowerCase());
  const names = preferences.map((preference) => preference.split('=')[0]?.trim());
  return {
    wait: names.includes('wait'),
    respondAsync: names.includes('respond-async'),
    isLenient: preferences.some((preference) => /^handling\s*=\s*"?lenient"?$/.test(preference)),
  };
}
