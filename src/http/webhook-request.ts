import type { HttpRequest } from '@azure/functions';
import { isLoopback } from '../net/api-address.ts';
import type { WebhookRequest } from '../sources/kind.ts';

/**
 * The origin under which the relay is called: from configuration where there is one (`PUBLIC_URL`, else the app's own
 * host name in Azure), never from a header that anybody can send.
 */
export function publicOrigin(request: HttpRequest, publicUrl: string | undefined): string {
  const { WEBSITE_HOSTNAME } = process.env;
  const ownUrl = WEBSITE_HOSTNAME && new URL(`https://${WEBSITE_HOSTNAME}`);
  // `func` on a developer's machine sets localhost, and serves plain http.
  const isInAzure = ownUrl && !isLoopback(ownUrl);
  return new URL(publicUrl ?? (isInAzure ? ownUrl : request.url)).origin;
}

/** The request as the sender made it: some schemes sign the URL. */
export function webhookRequest(
  request: HttpRequest,
  body: Uint8Array,
  publicUrl: string | undefined,
): WebhookRequest {
  const { pathname, search } = new URL(request.url);
  const url = new URL(`${pathname}${search}`, publicOrigin(request, publicUrl));
  // The library's Headers have the platform's contract, not its declared type.
  return { method: request.method, url, headers: new Headers([...request.headers]), body };
}
