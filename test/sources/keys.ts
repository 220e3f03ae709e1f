import { type KeptRequest, keepVerified, type Verifier } from '../../src/sources/kept-request.ts';
import { type SecretForm, type SigningKey, signingKey } from '../../src/sources/signing-key.ts';

/**
 * The keys that secrets are, those left out that can be none. Of texts every one is taken, short ones too: how long a
 * secret has to be is no matter of a scheme (test/sources/signing-key.test.ts).
 */
export function keysOf(secrets: readonly string[], form: SecretForm = 'text'): SigningKey[] {
  return secrets.flatMap((secret) => {
    if (form === 'text' || form === 'user-and-password')
      return { text: secret, bytes: Buffer.from(secret) } as unknown as SigningKey; // unchecked on purpose
    const key = signingKey(secret, form);
    return 'unusable' in key ? [] : key;
  });
}

/** What a kind keeps of a request that it takes for authentic. */
export function keptOf<Options>(
  kind: Verifier<Options>,
  headers: Record<string, string>,
  body: string | Uint8Array,
  /** Most kinds do not look at them. */
  options = {} as Options,
): KeptRequest {
  const url = new URL('https://relay.example.com/api/webhooks/source');
  const request = { method: 'POST', url, headers: new Headers(headers), body: Buffer.from(body) };
  const context = { options, keys: [], now: new Date() }; // not looked at
  const kept = keepVerified({ ...kind, verify: () => true }, request, context);
  if (!kept) throw new Error('every request is authentic here');
  return kept;
}
