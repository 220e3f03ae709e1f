import * as z from 'zod';
import type { SigningKey } from '../signing-key.ts';
import { equalsOneOf } from './hmac.ts';

/** An option that names the header which holds a secret or a signature. */
export const headerName = z.string().regex(/^[A-Za-z0-9-]+$/, { error: 'must be the name of a header' });

/** Whether a text is one of the secrets. Compares with each of them, in constant time. Absent and "" never are. */
export function isSecret(given: string | null | undefined, keys: readonly SigningKey[]): boolean {
  const secrets = keys.map(({ text }) => text);
  return equalsOneOf(given ?? '', secrets) && Boolean(given);
}

/** The token of `Authorization: Bearer …` (RFC 6750, section 2.1). */
export function bearerToken(headers: Headers): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}

/** `user:password` of HTTP Basic (RFC 7617); that is also how the secret is kept in the vault. */
export function basicCredentials(headers: Headers): string | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(headers.get('authorization') ?? '') ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}
