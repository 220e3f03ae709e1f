import type { HttpRequest } from '@azure/functions';
import type { Act } from '../delivery/record/act.ts';
import type { Acts } from '../delivery/store/acts.ts';
import { withoutEmailAddresses } from '../lib/without-email-addresses.ts';

const longestName = 100;

/**
 * Who calls: the name of the platform's sign-in if App Service authentication is on (it sets `WEBSITE_AUTH_ENABLED`, and
 * takes away the header if a caller sends it; without it anybody with a key could), else the name that the caller gives.
 */
export function operatorOf(
  { headers }: Pick<HttpRequest, 'headers'>,
  env: NodeJS.ProcessEnv = process.env,
): Pick<Act, 'by' | 'signedIn'> {
  const signedIn = nameIn(headers.get('x-ms-client-principal-name'));
  if (signedIn && env.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true') return { by: signedIn, signedIn: true };
  const given = nameIn(headers.get('x-relay-operator'));
  return { ...(given && { by: given }), signedIn: false };
}

/** A name of what can be printed, not too long. */
function nameIn(text: string | null): string | undefined {
  const name = decoded(text ?? '')
    .replaceAll(/\p{C}/gu, '')
    .trim()
    .slice(0, longestName);
  return name || undefined;
}

/** A header takes no letters beyond Latin 1: others come percent-encoded (UTF-8). */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Notes what a caller does. Ids of records are told without e-mail addresses. Throws what storage throws. */
export async function noteAct(
  request: Pick<HttpRequest, 'headers'>,
  act: Act['act'],
  subject: string,
  acts: Acts,
): Promise<void> {
  const at = new Date().toISOString();
  await acts.note({ at, act, subject: withoutEmailAddresses(subject).slice(0, 500), ...operatorOf(request) });
}
