import * as z from 'zod';

/**
 * The address of an API that gets a key or a token: HTTPS, or plain HTTP on this machine, for the local stack. Without a
 * slash at its end, so that a path can follow.
 */
export const apiAddress = z
  // Aborts: what follows needs an address that can be read.
  .url({ protocol: /^https?$/, abort: true })
  .refine(isPrivate, { error: 'must be https: a key or a token is sent there' })
  .transform((address) => address.replace(/\/+$/, ''));

function isPrivate(address: string): boolean {
  const url = new URL(address);
  return url.protocol === 'https:' || isLoopback(url);
}

/** Whether an address is one of this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
