import { isLoopback } from './api-address.ts';

/**
 * The address under which senders reach the relay, without a slash at its end: from configuration where there is one
 * (`PUBLIC_URL`, with the path that a proxy puts before `/api`, else the app's own host name in Azure), never from a header that
 * anybody can send. Undefined: nothing says it.
 */
export function ownAddress(publicUrl: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (publicUrl !== undefined) {
    const { origin, pathname } = new URL(publicUrl);
    return origin + pathname.replace(/\/+$/, '');
  }
  const { WEBSITE_HOSTNAME } = env;
  const ownUrl = WEBSITE_HOSTNAME ? new URL(`https://${WEBSITE_HOSTNAME}`) : undefined;
  // `func` on a developer's machine sets localhost, and serves plain http.
  return ownUrl && !isLoopback(ownUrl) ? ownUrl.origin : undefined;
}
