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
  return (
    check(await readSourceSecrets(source, secrets)) ??
    // The vendor may sign with a secret that was put into the vault after the relay last looked.
    check(await readSourceSecrets(source, secrets, 'refresh')) ?? { type: 'refused' }
  );
}
