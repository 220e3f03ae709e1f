import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer as readBuffer } from 'node:stream/consumers';
import type { RpcCookie, RpcHttpResponse } from './core-module.ts';

/**
 * A request as the host hands it over without HTTP streaming: whole, and with a body only if Content-Length is
 * above 0. So a chunked body is lost, as in Azure.
 */
export async function toRpcHttp(
  request: IncomingMessage,
  url: URL,
  params: Readonly<Record<string, string>>,
) {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const length = Number(request.headers['content-length'] ?? 0);
  return {
    method: request.method,
    url: `http://${request.headers.host ?? 'localhost'}${url.pathname}${url.search}`,
    headers,
    query: Object.fromEntries(url.searchParams),
    params,
    ...(length > 0 && { body: { bytes: await readBuffer(request) } }),
  };
}

/** Writes the library's answer; nothing returned is 204. */
export function sendRpcHttp(answer: RpcHttpResponse | undefined, response: ServerResponse): void {
  if (!answer) {
    response.writeHead(204).end();
    return;
  }
  const body = answer.body?.bytes ?? new Uint8Array();
  if (answer.cookies.length > 0) response.setHeader('Set-Cookie', answer.cookies.map(setCookie));
  response
    .writeHead(Number(answer.statusCode), { ...answer.headers, 'content-length': body.byteLength })
    .end(body);
}

const sameSite = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

/** The value of a Set-Cookie header (RFC 6265, 4.1). */
function setCookie(cookie: RpcCookie): string {
  const site = sameSite[cookie.sameSite];
  const attributes = [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.maxAge && `Max-Age=${cookie.maxAge.value}`,
    cookie.domain && `Domain=${cookie.domain.value}`,
    cookie.path && `Path=${cookie.path.value}`,
    cookie.expires && `Expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`,
    cookie.httpOnly?.value && 'HttpOnly',
    cookie.secure?.value && 'Secure',
    site && `SameSite=${site}`,
  ];
  return attributes.filter(Boolean).join('; ');
}
