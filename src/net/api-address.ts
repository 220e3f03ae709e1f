import * as z from 'zod';

/** The address of an API that gets a key or a token: HTTPS, or plain HTTP on this machine, for the local stack. */
export const apiAddress = z.url({ protocol: /^https?$/ }).refine(isPrivate, {
  error: 'must be https: a key or a token is sent there',
});

function isPrivate(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
