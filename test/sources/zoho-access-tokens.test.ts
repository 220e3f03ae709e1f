import { describe, expect, test } from 'vitest';
import { createAccessTokens } from '../../src/sources/zoho/access-tokens.ts';
import { startServer } from '../test-server.ts';

const minute = 60_000;

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

/** Zoho's accounts: answers each call with the next of `answers`; yields the forms that were posted. */
async function withAccounts(
  answers: readonly Answer[],
  work: (
    get: (refused?: string, client?: object) => ReturnType<ReturnType<typeof createAccessTokens>>,
    clock: { now: number },
  ) => unknown,
): Promise<Record<string, string>[]> {
  const asked: Record<string, string>[] = [];
  await using server = await startServer((response, { method, url, body: form }) => {
    const { status = 200, body = {} } = answers[asked.length] ?? { status: 500 };
    asked.push({ request: `${method} ${url}`, ...Object.fromEntries(new URLSearchParams(form)) });
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const clock = { now: 0 };
  const tokens = createAccessTokens(() => clock.now);
  const accountsUrl = `${server.url}zoho`;
  const client = { accountsUrl, clientId: 'client', clientSecret: 'a secret', refreshToken: '1000.refresh' };
  await work((refused, more) => tokens({ ...client, ...more }, 2000, refused), clock);
  return asked;
}

const token = (access_token: string, expires_in: unknown = 3600): Answer => ({
  body: { access_token, expires_in, api_domain: 'https://evil.example.com', token_type: 'Bearer' },
});

test('asks by form, as documented, and keeps the token until it ends', async () => {
  const asked = await withAccounts([token('first'), token('second')], async (get, clock) => {
    expect(await get()).toEqual({ type: 'token', token: 'first' });
    clock.now = 54 * minute;
    expect(await get()).toEqual({ type: 'token', token: 'first' });
    clock.now = 56 * minute;
    expect(await get()).toEqual({ type: 'token', token: 'second' });
  });
  expect(asked).toHaveLength(2);
  expect(asked[0]).toEqual({
    request: 'POST /zoho/oauth/v2/token',
    grant_type: 'refresh_token',
    client_id: 'client',
    client_secret: 'a secret',
    refresh_token: '1000.refresh',
  });
});

test('a hundred changes at a time share one call', async () => {
  const asked = await withAccounts([token('first')], async (get) => {
    const all = await Promise.all(Array.from({ length: 100 }, () => get()));
    expect(all).toEqual(all.map(() => ({ type: 'token', token: 'first' })));
  });
  expect(asked).toHaveLength(1);
});

test('another refresh token or client has a token of its own, at once', async () => {
  const asked = await withAccounts([{ body: { error: 'invalid_code' } }, token('second')], async (get) => {
    expect(await get()).toMatchObject({ type: 'refused-by-vendor' });
    expect(await get(undefined, { refreshToken: '1000.other' })).toEqual({ type: 'token', token: 'second' });
  });
  expect(asked.map(({ refresh_token }) => refresh_token)).toEqual(['1000.refresh', '1000.other']);
});

test.each([3600, 3_600_000, undefined, '3600'])('a life of %j is an hour at most', async (expires_in) => {
  const asked = await withAccounts([token('first', expires_in), token('second')], async (get, clock) => {
    await get();
    clock.now = 54 * minute;
    expect(await get()).toMatchObject({ token: 'first' });
    clock.now = 61 * minute;
    expect(await get()).toMatchObject({ token: 'second' });
  });
  expect(asked).toHaveLength(2);
});

describe('a token that the API refuses', () => {
  test('is replaced, once for all who had it', async () => {
    const asked = await withAccounts([token('first'), token('second')], async (get, clock) => {
      await get();
      clock.now = 5 * minute;
      const all = await Promise.all([get('first'), get('second')]);
      expect(all).toContainEqual({ type: 'token', token: 'second' });
      expect(await get('first')).toMatchObject({ token: 'second' });
      expect(await get()).toMatchObject({ token: 'second' });
    });
    expect(asked).toHaveLength(2);
  });

  test('is kept while it is brand-new: another one would not help, and their number is limited', async () => {
    const asked = await withAccounts([token('first')], async (get, clock) => {
      await get();
      clock.now = 5 * minute - 1;
      expect(await get('first')).toMatchObject({ token: 'first' });
    });
    expect(asked).toHaveLength(1);
  });
});

test.each([
  ['a wrong refresh token', { body: { error: 'invalid_code' } }, { type: 'refused-by-vendor', status: 200 }],
  [
    'a wrong client',
    { status: 400, body: { error: 'invalid_client' } },
    { type: 'refused-by-vendor', status: 400 },
  ],
  ['something else', { body: { hello: 1 } }, { type: 'refused-by-vendor', status: 200 }],
  [
    'too many tokens',
    { body: { error: 'Access Denied', error_description: 'too many requests', status: 'failure' } },
    { type: 'unavailable', status: 200, retryAfterMs: 10 * minute },
  ],
  ['too many calls', { status: 429 }, { type: 'unavailable', status: 429 }],
  ['an outage', { status: 503, body: '<html>' }, { type: 'unavailable', status: 503 }],
  ['not JSON', { body: '<html>' }, { type: 'unavailable' }],
])('%s: told for half a minute, then asked again', async (_, answer, expected) => {
  const asked = await withAccounts([answer, token('second')], async (get, clock) => {
    expect(await get()).toEqual(expected);
    clock.now = 29_000;
    expect(await get()).toEqual(expected);
    clock.now = 31_000;
    expect(await get()).toMatchObject({ token: 'second' });
  });
  expect(asked).toHaveLength(2);
});

test('nobody there: unavailable, without a throw', async () => {
  const client = { accountsUrl: 'http://127.0.0.1:1', clientId: 'a', clientSecret: 'b', refreshToken: 'c' };
  expect(await createAccessTokens()(client, 2000)).toEqual({ type: 'unavailable' });
});
