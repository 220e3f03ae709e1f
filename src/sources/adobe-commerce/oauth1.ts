import { createHmac } from 'node:crypto';

/** What an integration signs its requests with. */
export interface Credentials {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token: string;
  readonly tokenSecret: string;
}

/** What makes a signature different from any other. */
export interface Signing {
  readonly method: 'HMAC-SHA256' | 'HMAC-SHA1';
  readonly nonce: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/**
 * The `Authorization` header of a request without a form in its body. https://www.rfc-editor.org/rfc/rfc5849#section-3.4
 * HMAC-SHA256 is made like the HMAC-SHA1 of that page.
 */
export function oauthHeader(
  httpMethod: string,
  url: URL,
  credentials: Credentials,
  signing: Signing,
): string {
  const parameters: Record<string, string> = {
    oauth_consumer_key: credentials.consumerKey,
    oauth_nonce: signing.nonce,
    oauth_signature_method: signing.method,
    oauth_timestamp: String(signing.timestamp),
    oauth_token: credentials.token,
  };
  const pairs = [...url.searchParams, ...Object.entries(parameters)].map(
    ([name, value]): [string, string] => [encode(name), encode(value)],
  );
  const normalized = pairs
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
  const base = [httpMethod, encode(`${url.origin}${url.pathname}`), encode(normalized)].join('&');
  const key = `${encode(credentials.consumerSecret)}&${encode(credentials.tokenSecret)}`;
  const algorithm = signing.method === 'HMAC-SHA1' ? 'sha1' : 'sha256';
  const oauth_signature = createHmac(algorithm, key).update(base).digest('base64');
  const members = Object.entries({ ...parameters, oauth_signature });
  return `OAuth ${members.map(([name, value]) => `${name}="${encode(value)}"`).join(', ')}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Section 3.6: everything but letters, digits, `-`, `.`, `_` and `~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
