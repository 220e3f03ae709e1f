import type { HttpRequest } from '@azure/functions';
import { ownAddress } from '../net/own-address.ts';
import type { WebhookRequest } from '../sources/kind.ts';

/**
 * The address under which the relay is called, without a slash at its end: from configuration where there is one, never from a
 * header that anybody can send.
 */
export function publicAddress(request: HttpRequest, publicUrl: string | undefined): string {
  return ownAddress(publicUrl, process.env) ?? new URL(request.url).origin;
}

/** The request as the sender made it: some schemes sign the URL. */
export function webhookRequest(
  request: HttpRequest,
  body: Uint8Array,
  publicUrl: string | undefined,
): WebhookRequest {
  const { pathname, search } = new URL(request.url);
  const url = new URL(`${publicAddress(request, publicUrl)}${pathname}${search}`);
  // The library's Headers have the platform's contract, not its declared type.
  return { method: request.method, url, headers: new Headers([...request.headers]), body };
}
