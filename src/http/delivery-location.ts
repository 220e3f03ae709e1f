import type { HttpRequest } from '@azure/functions';
import { publicOrigin } from './webhook-request.ts';

/**
 * The address of a delivery, absolute. It repeats the function key that the caller put into its own query (`code`),
 * so that a Logic App can follow it as it stands; a key in a header is not repeated.
 */
export function deliveryLocation(
  request: HttpRequest,
  deliveryId: string,
  publicUrl: string | undefined,
): string {
  const location = new URL(`/api/deliveries/${deliveryId}`, publicOrigin(request, publicUrl));
  const code = request.query.get('code');
  if (code) location.searchParams.set('code', code);
  return location.href;
}
