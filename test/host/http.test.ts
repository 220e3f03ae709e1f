import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FunctionHost } from '../../local/function-host.ts';
import { seen, startFixture } from './fixture-host.ts';

/** Posts in two chunks, without Content-Length. */
async function postChunked(
  url: string,
  chunks: readonly string[],
): Promise<{ status: number; json: unknown }> {
  const post = request(url, { method: 'POST' });
  for (const chunk of chunks) post.write(chunk);
  post.end();
  const [response] = await once(post, 'response');
  return { status: response.statusCode, json: JSON.parse((await buffer(response)).toString()) };
}

describe.each([
  ['with HTTP streaming', 'on', 'first, second', false],
  ['without HTTP streaming', 'off', '', false],
  ['with the app apart from the host', 'on', 'first, second', true],
  ['with the app apart, without HTTP streaming', 'off', '', true],
])('%s', (_, streaming, chunkedBody, isApart) => {
  let host: FunctionHost;
  beforeAll(async () => {
    const env = { FIXTURE_STREAMING: streaming };
    host = await startFixture({ functionKey: 'the key', env, isApart });
  });
  afterAll(() => host?.stop());

  test('body, parameters, query, headers and url arrive; status, headers and cookies come back', async () => {
    const response = await fetch(`${host.url}/api/echo/a%20b?q=1&r=%26`, {
      method: 'POST',
      body: 'hello',
      headers: { 'x-test': 'yes' },
    });
    expect(response.status).toBe(202);
    expect(response.headers.get('x-method')).toBe('POST');
    expect(response.headers.get('set-cookie')).toBe('flavour=oat; Path=/; HttpOnly');
    expect(await response.json()).toEqual({
      body: 'hello',
      params: { name: 'a b' },
      query: { q: '1', r: '&' },
      url: `${host.url}/api/echo/a%20b?q=1&r=%26`,
      header: 'yes',
    });
  });

  test('a chunked body arrives as it does in Azure: whole with streaming, empty without', async () => {
    const { status, json } = await postChunked(`${host.url}/api/echo/x`, ['first, ', 'second']);
    expect(status).toBe(202);
    expect(json).toMatchObject({ body: chunkedBody });
  });

  test.each([
    ['', ''],
    ['/', ''],
    ['/a', 'a'],
    ['/a/b%20c', 'a/b c'],
  ])('a catch-all takes the rest of the path: rest%s', async (rest, path) => {
    const response = await fetch(`${host.url}/api/rest${rest}`);
    // Azure's worker gives no parameter that is empty.
    expect(((await response.json()) as { params: { path?: string } }).params.path ?? '').toBe(path);
  });

  test('a literal segment wins over a parameter', async () => {
    expect(await (await fetch(`${host.url}/api/echo/literal`)).text()).toBe('literal');
  });

  test.each([
    ['GET', '/api/nowhere', 404],
    ['GET', '/echo/x', 404],
    ['DELETE', '/api/echo/x', 405],
    ['GET', '/api/locked', 401],
    ['GET', '/api/locked?code=wrong', 401],
    ['GET', '/api/locked?code=the%20key', 200],
    ['POST', '/admin/functions/clock', 401],
  ])('%s %s: %i', async (method, path, status) => {
    expect((await fetch(`${host.url}${path}`, { method })).status).toBe(status);
  });

  test('the key may come in a header', async () => {
    const response = await fetch(`${host.url}/api/locked`, { headers: { 'x-functions-key': 'the key' } });
    expect(await response.text()).toBe('open');
  });

  test('a handler that throws gives 500, its error goes to the log and to the hooks', async () => {
    const response = await fetch(`${host.url}/api/throws`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('');
    await vi.waitFor(() => expect(host.log()).toContain('thrown by the handler'), 15_000);
    await vi.waitFor(() => expect(host.log()).toContain('hook saw an error, begun true'), 15_000);
  });

  test('a handler that returns nothing: 500 with streaming, where Azure would leave the caller waiting; else 204', async () => {
    const response = await fetch(`${host.url}/api/nothing`);
    expect(response.status).toBe(streaming === 'on' ? 500 : 204);
  });

  test('a body of 5 MB goes in and comes back', async () => {
    const body = randomBytes(5 * 1024 * 1024);
    const response = await fetch(`${host.url}/api/mirror`, { method: 'POST', body });
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  test('a header of 5 MB: the caller gets the 431 and no reset connection', async () => {
    const post = request(`${host.url}/api/echo/x`, { method: 'POST', agent: false });
    post.setHeader('x-signature', 'a'.repeat(5_000_000));
    post.end('hello');
    const [response] = await once(post, 'response');
    response.resume();
    expect(response.statusCode).toBe(431);
  });

  test('an answer that comes before the body has been read reaches the caller', async () => {
    const body = Buffer.alloc(2 * 1024 * 1024);
    const response = await fetch(`${host.url}/api/early`, { method: 'POST', body });
    expect(response.status).toBe(413);
    expect(await response.text()).toBe('too much');
  });

  test.runIf(streaming === 'on')('the answer waits until the whole body is sent, as in Azure', async () => {
    const post = request(`${host.url}/api/early`, { method: 'POST' });
    let isAnswered = false;
    post.once('response', () => {
      isAnswered = true;
    });
    for (let chunk = 0; chunk < 5; chunk++) {
      post.write('and so on');
      await delay(50);
    }
    expect(isAnswered).toBe(false);
    post.end();
    const [response] = await once(post, 'response');
    expect(response.statusCode).toBe(413);
    expect((await buffer(response)).toString()).toBe('too much');
  });

  test.runIf(streaming === 'on')(
    'the head of a request is passed on before its body comes, as in Azure',
    async () => {
      const post = request(`${host.url}/api/head`, { method: 'POST' });
      post.flushHeaders();
      await vi.waitFor(() => expect(seen(host)).toContain('head'), 15_000);
      post.end('body');
      const [response] = await once(post, 'response');
      expect((await buffer(response)).toString()).toBe('body');
    },
  );

  test.runIf(streaming === 'on')(
    'a connection whose body was left half read loses the next request, as in Azure',
    async () => {
      const isLost = async () => {
        const whole = await fetch(`${host.url}/api/halfRead`, { method: 'POST', body: 'whole' });
        return whole.status !== 413;
      };
      const half = request(`${host.url}/api/halfRead`, { method: 'POST' });
      half.end(Buffer.alloc(1_000_000));
      await expect(once(half, 'response')).resolves.toBeDefined();
      expect(await isLost()).toBe(true);
      expect(await isLost()).toBe(false);
    },
  );

  test.runIf(streaming === 'on')(
    'a caller that hangs up: the handler is told, the host goes on',
    async () => {
      const post = request(`${host.url}/api/limited`, { method: 'POST' });
      post.on('error', () => undefined);
      post.write('begun');
      await delay(100);
      post.destroy();
      await vi.waitFor(() => expect(seen(host)).toContain('malformed-body'), 15_000);
      expect(await (await fetch(`${host.url}/api/echo/literal`)).text()).toBe('literal');
      expect(host.process.exitCode).toBe(null);
    },
  );

  test('a timer started by hand runs with its schedule; unknown functions and bodies are refused', async () => {
    const start = (name: string, body: string) =>
      fetch(`${host.url}/admin/functions/${name}`, {
        method: 'POST',
        body,
        headers: { 'x-functions-key': 'the key' },
      });
    expect((await start('nobody', '{}')).status).toBe(404);
    expect((await start('clock', 'no json')).status).toBe(400);
    expect((await start('clock', '{"input":""}')).status).toBe(202);
    await vi.waitFor(
      () =>
        expect(seen(host)).toContainEqual(
          expect.objectContaining({
            isPastDue: false,
            scheduleStatus: expect.objectContaining({ next: expect.stringMatching(/-01-01T00:00:00/) }),
          }),
        ),
      15_000,
    );
  });

  test('runOnStartup runs at start', async () => {
    await vi.waitFor(() => expect(seen(host)).toContain('started'), 15_000);
  });
});
