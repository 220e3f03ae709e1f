import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whether a request carries the key, in `x-functions-key` or `?code=`. Constant time. */
export function hasFunctionKey(request: IncomingMessage, url: URL, functionKey: string): boolean {
  const given = String(request.headers['x-functions-key'] ?? url.searchParams.get('code') ?? '');
  return timingSafeEqual(digest(given), digest(functionKey));
}

// Digests have one length, so nothing tells the key's.
function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
