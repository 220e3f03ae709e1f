import { isLoopback } from './api-address.ts';

/**
 * The origin under which senders reach the relay: from configuration where there is one (`PUBLIC_URL`, else the app's own host
 * name in Azure), never from a header that anybody can send. Undefined: nothing says it.
 */
export function ownOrigin(publicUrl: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (publicUrl !== undefined) return new URL(publicUrl).origin;
  const { WEBSITE_HOSTNAME } = env;
  const ownUrl = WEBSITE_HOSTNAME ? new URL(`https://${WEBSITE_HOSTNAME}`) : undefined;
  // `func` on a developer's machine sets localhost, and serves plain http.
  return ownUrl && !isLoopback(ownUrl) ? ownUrl.origin : undefined;
}
