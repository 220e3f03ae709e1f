import { ownAddress } from '../net/own-address.ts';
import type { Settings } from './settings.ts';
import type { Source } from './source.ts';

/**
 * The address that the sender of a source signs together with its requests, as it is expected here. Undefined: none is signed,
 * or no address is configured, and the one that is called counts.
 */
export function signedAddress(
  { name, kind }: Source,
  { PUBLIC_URL }: Pick<Settings, 'PUBLIC_URL'>,
): string | undefined {
  const address = ownAddress(PUBLIC_URL, process.env);
  return kind.signsAddress && address !== undefined ? `${address}/api/webhooks/${name}` : undefined;
}
