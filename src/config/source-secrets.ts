import type { Secrets } from '../secrets/secrets.ts';
import { type SigningKey, signingKey } from '../sources/signing-key.ts';
import type { Source } from './source.ts';

/** What the secrets of a source are. */
interface SourceSecrets {
  /** The keys that can be used now; empty: nothing can be verified. */
  readonly keys: readonly SigningKey[];
  /** Why other secrets cannot be used, by name; holds nothing of them. */
  readonly unusable: ReadonlyMap<string, string>;
}

/**
 * Reads every secret of the source. One that is missing or cannot be used does not stop the others: the second name of a
 * rotation often is not there yet. Throws the first error when none can be read.
 */
export async function readSourceSecrets(
  { kind, options, secretNames }: Source,
  secrets: Secrets,
  how: 'get' | 'refresh' = 'get',
): Promise<SourceSecrets> {
  const form = kind.secretForm?.(options) ?? 'text';
  const results = await Promise.allSettled(secretNames.map((name) => secrets[how](name)));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure && results.every(({ status }) => status === 'rejected')) throw failure.reason;

  const keys: SigningKey[] = [];
  const unusable = new Map<string, string>();
  for (const [index, result] of results.entries()) {
    if (result.status === 'rejected') continue;
    const key = signingKey(result.value, form);
    if ('unusable' in key) unusable.set(secretNames[index] ?? '', key.unusable);
    else keys.push(key);
  }
  return { keys, unusable };
}
