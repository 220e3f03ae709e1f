import type { Secrets } from '../secrets/secrets.ts';
import type { Source } from './source.ts';

/**
 * Every secret of the source that can be read now. One that is missing does not stop the others: the second
 * name of a rotation often is not there yet. Throws the first error when none can be read.
 */
export async function readSourceSecrets(
  source: Source,
  secrets: Secrets,
  how: 'get' | 'refresh' = 'get',
): Promise<string[]> {
  const results = await Promise.allSettled(source.secretNames.map((name) => secrets[how](name)));
  const values = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (values.length === 0 && failure) throw failure.reason;
  return values;
}
