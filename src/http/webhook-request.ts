import type { HttpRequest } from '@azure/functions';
import type { WebhookRequest } from '../sources/source.ts';

/**
 * The request as the sender made it. Some schemes sign the URL, so its origin comes from configuration where
 * there is one (`PUBLIC_URL`, else the app's own host name in Azure), never from a header.
 */
export function webhookRequest(
  request: HttpRequest,
  body: Uint8Array,
  publicUrl = process.env.WEBSITE_HOSTNAME ? `https://${process.env.WEBSITE_HOSTNAME}` : undefined,
): WebhookRequest {
  const { pathname, search } = new URL(request.url);
  const url = new URL(`${pathname}${search}`, publicUrl ?? request.url);
  // The library's Headers have the platform's contract, not its declared type.
  return { method: request.method, url, headers: new Headers([...request.headers]), body };
}
