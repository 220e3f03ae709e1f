import type { Secrets } from './secrets.ts';

/**
 * Asks a vendor; once more with fresh secrets if it refuses those that were used. Rejects with what reading a secret throws,
 * and as `ask` does.
 */
export async function withFreshSecrets<Answer extends { readonly type: string }>(
  secrets: Pick<Secrets, 'get' | 'refresh'>,
  ask: (secret: (name: string) => Promise<string>) => Promise<Answer>,
): Promise<Answer> {
  const used = new Map<string, string>();
  const secret = async (name: string): Promise<string> => {
    const value = await secrets.get(name);
    used.set(name, value);
    return value;
  };
  const answer = await ask(secret);
  if (answer.type !== 'refused-by-vendor') return answer;
  const fresh = await Promise.all(
    [...used].map(async ([name, value]) => (await secrets.refresh(name)) !== value),
  );
  return fresh.includes(true) ? ask(secret) : answer;
}
