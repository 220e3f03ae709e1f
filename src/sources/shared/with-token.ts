import type { VendorFailure } from '../fetch-context.ts';
import type { TokenRead } from './access-tokens.ts';
import { failureOf, type VendorAnswer } from './call-vendor.ts';

/**
 * One call with an access token, and once more with another one if the vendor does not take it: tokens end in the middle of a run.
 * `tokenFor`: gives a token in place of the one that was refused. Never rejects.
 */
export async function withToken(
  tokenFor: (refused?: string) => Promise<TokenRead>,
  call: (token: string) => Promise<VendorAnswer | undefined>,
): Promise<VendorAnswer | VendorFailure> {
  const first = await tokenFor();
  if (first.type !== 'token') return first;
  const answer = await call(first.token);
  if (answer?.status !== 401) return answer ?? failureOf(answer);

  const second = await tokenFor(first.token);
  if (second.type !== 'token') return second;
  if (second.token === first.token) return answer;
  const repeated = await call(second.token);
  return repeated ?? failureOf(repeated);
}

/** Whether there is no answer, for the reason that it says. */
export function isFailure(answer: VendorAnswer | VendorFailure): answer is VendorFailure {
  return 'type' in answer;
}
