import { afterEach, expect, test } from 'vitest';
import { createAccessTokens } from '../../src/sources/shared/access-tokens.ts';
import { startServer, type TestServer } from '../test-server.ts';

let server: TestServer | undefined;
afterEach(() => server?.[Symbol.asyncDispose]());

/** A server that gives out `token-1`, `token-2`, … unless it is told to answer something else. */
async function start(answers: { status: number; body?: object; headers?: Record<string, string> }[] = []) {
  let given = 0;
  server = await startServer((response) => {
    const answer = answers.shift();
    response.writeHead(answer?.status ?? 200, { 'Content-Type': 'application/json', ...answer?.headers });
    const body = answer?.body ?? (answer ? {} : { access_token: `token-${++given}`, expires_in: 3600 });
    response.end(JSON.stringify(body));
  });
  const url = new URL('/oauth/token', server.url);
  return { server, request: { url, form: { client_id: 'c', client_secret: 's' }, timeoutMs: 5000 } };
}

test('a token is asked for once, as a form, and used until shortly before it ends', async () => {
  let now = 0;
  const { server, request } = await start();
  const tokens = createAccessTokens(() => now);
  const first = await Promise.all([tokens(request), tokens(request), tokens(request)]);
  expect(first).toEqual(Array(3).fill({ type: 'token', token: 'token-1' }));
  now = 54 * 60_000;
  expect(await tokens(request)).toEqual(first[0]);
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]?.body).toBe('client_id=c&client_secret=s');
  expect(server.requests[0]?.headers['content-type']).toContain('application/x-www-form-urlencoded');
  now = 56 * 60_000;
  expect(await tokens(request)).toEqual({ type: 'token', token: 'token-2' });
});

test('one that the API refused is fetched anew, once for all that found it refused', async () => {
  const { server, request } = await start();
  const tokens = createAccessTokens();
  await tokens(request);
  const again = await Promise.all([tokens(request, 'token-1'), tokens(request, 'token-1')]);
  expect(again).toEqual(Array(2).fill({ type: 'token', token: 'token-2' }));
  expect(await tokens(request, 'token-1')).toEqual({ type: 'token', token: 'token-2' });
  expect(server.requests).toHaveLength(2);
});

test('another client gets another token', async () => {
  const { request } = await start();
  const tokens = createAccessTokens();
  await tokens(request);
  const other = { ...request, form: { ...request.form, client_id: 'd' } };
  expect(await tokens(other)).toEqual({ type: 'token', token: 'token-2' });
});

test.each([
  [401, {}, { type: 'refused-by-vendor', status: 401 }],
  [400, {}, { type: 'refused-by-vendor', status: 400 }],
  [302, { location: 'https://example.com/' }, { type: 'refused-by-vendor', status: 302 }],
  [429, { 'retry-after': '7' }, { type: 'unavailable', status: 429, retryAfterMs: 7000 }],
  [503, {}, { type: 'unavailable', status: 503 }],
  [200, {}, { type: 'unavailable' }],
])('an answer %i without a token is not asked for again at once', async (status, headers, expected) => {
  let now = 0;
  const { server, request } = await start([{ status, headers }]);
  const tokens = createAccessTokens(() => now);
  expect(await tokens(request)).toEqual(expected);
  expect(await tokens(request)).toEqual(expected);
  expect(server.requests).toHaveLength(1);
  now = 31_000;
  expect(await tokens(request)).toEqual({ type: 'token', token: 'token-1' });
});
