import { equalInConstantTime } from './hmac.ts';

/** Whether a text is one of the secrets. Compares with each of them, in constant time. Absent and "" never are. */
export function isSecret(given: string | null | undefined, secrets: readonly string[]): boolean {
  let matches = false;
  for (const secret of secrets) matches = equalInConstantTime(given ?? '', secret) || matches;
  return matches && Boolean(given);
}

/** The token of `Authorization: Bearer …` (RFC 6750, section 2.1). */
export function bearerToken(headers: Headers): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}
