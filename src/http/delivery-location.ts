import type { HttpRequest } from '@azure/functions';
import { publicAddress } from './webhook-request.ts';

/** The address of a delivery, absolute. */
export function deliveryAddress(
  request: HttpRequest,
  deliveryId: string,
  publicUrl: string | undefined,
): string {
  return `${publicAddress(request, publicUrl)}/api/deliveries/${deliveryId}`;
}

/**
 * The same for a caller with a function key. It repeats the key that he put into his own query (`code`), so that a Logic
 * App can follow it as it stands; a key in a header is not repeated. Not for webhooks: there `code` may be a source's secret.
 */
export function deliveryLocation(
  request: HttpRequest,
  deliveryId: string,
  publicUrl: string | undefined,
): string {
  const location = new URL(deliveryAddress(request, deliveryId, publicUrl));
  const code = request.query.get('code');
  if (code) location.searchParams.set('code', code);
  return location.href;
}
