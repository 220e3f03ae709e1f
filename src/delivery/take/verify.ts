import type { Source } from '../../config/source.ts';
import { readSourceSecrets, type SourceSecrets } from '../../config/source-secrets.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { type KeptRequest, keepVerified, type WebhookRequest } from '../../sources/kept-request.ts';
import type { Reply } from '../../sources/kind.ts';

/** What checking a webhook request came to. */
export type Verified =
  | { readonly type: 'handshake'; readonly reply: Reply }
  | { readonly type: 'refused' }
  /** Authentic: what its kind may read of it. */
  | { readonly type: 'authentic'; readonly request: KeptRequest };

/**
 * Checks that a request is authentic, on its raw bytes, and answers handshakes. Touches nothing but the secrets. Throws
 * what {@link Secrets} throws if no secret of the source can be read.
 */
export async function verify(
  source: Source,
  request: WebhookRequest,
  secrets: Secrets,
  now: Date,
): Promise<Verified> {
  const { kind, options } = source;
  const check = ({ keys }: SourceSecrets): Verified | undefined => {
    const context = { options, keys, now };
    const reply = kind.handshake?.(request, context);
    if (reply) return { type: 'handshake', reply };
    const kept = keepVerified(kind, request, context);
    return kept && { type: 'authentic', request: kept };
  };
  const known = await readSourceSecrets(source, secrets);
  const verified = check(known);
  if (verified) return verified;
  // The vendor may sign with a secret that was put into the vault after the relay last looked.
  const fresh = await readSourceSecrets(source, secrets, 'refresh');
  // With the same ones the same would come out, for the same CPU.
  return (!hasSameKeys(fresh, known) && check(fresh)) || { type: 'refused' };
}

const hasSameKeys = (a: SourceSecrets, b: SourceSecrets): boolean =>
  a.keys.length === b.keys.length && a.keys.every(({ text }, index) => text === b.keys[index]?.text);
