import type { HttpRequest } from '@azure/functions';
import { ownOrigin } from '../net/own-origin.ts';
import type { WebhookRequest } from '../sources/kind.ts';

/** The origin under which the relay is called: its own, else that of the request, on a developer's machine. */
export function publicOrigin(request: HttpRequest, publicUrl: string | undefined): string {
  return ownOrigin(publicUrl, process.env) ?? new URL(request.url).origin;
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
