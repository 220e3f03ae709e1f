import { once } from 'node:events';
import { Agent, type ClientRequest, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FunctionHost } from '../../local/function-host.ts';
import type { Stack } from '../../local/stack.ts';
import { seen, startFixture } from '../host/fixture-host.ts';
import {
  newCustomer,
  postCanonical,
  postShopify,
  shopifySample,
  startRelay,
} from '../integration/relay-under-test.ts';

const limit = 100_000;
let stack: Stack;
/** Its route `limited` takes 100 kB, within half a second. */
let fixture: FunctionHost;
beforeAll(async () => {
  stack = await startRelay({ MAX_BODY_BYTES: String(limit) });
  fixture = await startFixture();
});
afterAll(() => Promise.all([stack?.stop(), fixture?.stop()]));

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
afterAll(() => agent.destroy());

/** Begins a chunked request: no Content-Length says how much will come. */
function beginChunked(url = `${stack.host.url}/api/webhooks/shopify`): ClientRequest {
  return request(url, { method: 'POST', agent });
}

async function answerOf(post: ClientRequest): Promise<{ status: number | undefined; body: string }> {
  const [response] = await once(post, 'response');
  return { status: response.statusCode, body: await text(response) };
}

/** A connection that is spoilt answers the next request after five seconds, when its server gives it up. */
async function isNextSlow(): Promise<boolean> {
  const begun = performance.now();
  const next = await postShopify(stack, await shopifySample(newCustomer(stack)));
  expect(next.status).toBe(202);
  return performance.now() - begun > 4500;
}

/** One may be slow because the machine is busy. */
const expectFewOf = (slow: readonly boolean[]) => expect(slow.filter(Boolean).length).toBeLessThan(2);

test('after a chunked body over the limit the connection takes the next request', async () => {
  const slow: boolean[] = [];
  for (let time = 0; time < 6; time++) {
    const post = beginChunked();
    // Twice over the limit, then fifty times.
    for (let chunk = 0; chunk < (time < 3 ? 8 : 200); chunk++) post.write(Buffer.alloc(limit / 4));
    post.end();
    const { status, body } = await answerOf(post);
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ code: 'body-too-large' });
    slow.push(await isNextSlow());
  }
  expectFewOf(slow);
});

test('so it does after a body that is over the limit by its Content-Length', async () => {
  const tooLarge = await postShopify(stack, Buffer.alloc(8 * limit));
  expect(tooLarge.status).toBe(413);
  await tooLarge.body?.cancel();
  expect((await postShopify(stack, await shopifySample(newCustomer(stack)))).status).toBe(202);
});

test('a source whose maxBodyBytes is less than that of the others takes less', async () => {
  const statusOf = async (source: string, bytes: number) =>
    (await postCanonical(stack, 'x'.repeat(bytes), { source })).status;
  expect(await statusOf('cautious', 20_001)).toBe(413);
  // Taken, and then found to be no JSON.
  expect(await statusOf('cautious', 20_000)).toBe(400);
  expect(await statusOf('in-house', 20_001)).toBe(400);
});

test.each([
  ['of a source that is none', 404, '/api/webhooks/nobody', {}],
  ['that is compressed', 415, '/api/webhooks/shopify', { 'Content-Encoding': 'gzip' }],
])('so it does after a body %s, which is not read at all: %i', async (_, code, path, headers) => {
  const slow: boolean[] = [];
  for (let time = 0; time < 3; time++) {
    const post = request(`${stack.host.url}${path}`, { method: 'POST', agent, headers });
    for (let chunk = 0; chunk < 40; chunk++) post.write(Buffer.alloc(limit / 4));
    post.end();
    expect((await answerOf(post)).status).toBe(code);
    slow.push(await isNextSlow());
  }
  expectFewOf(slow);
});

test('a body that trickles is given up at the deadline, and the connection takes the next request', async () => {
  const url = `${fixture.url}/api/limited`;
  const post = beginChunked(url);
  const isGivenUp = () => seen(fixture).includes('body-timeout');
  const begun = performance.now();
  while (!isGivenUp() && performance.now() - begun < 15_000) {
    post.write('a');
    await delay(50);
  }
  expect(isGivenUp()).toBe(true);
  post.end();
  const { status, body } = await answerOf(post);
  expect(status).toBe(408);
  expect(JSON.parse(body)).toMatchObject({ code: 'body-timeout' });
  expect(await (await fetch(url, { method: 'POST', body: 'whole' })).text()).toBe('5');
});

test('a body that breaks off ends the invocation without an error in the log', async () => {
  // A line of the test before may come through the pipe only now.
  const before = seen(fixture).length;
  const post = request(`${fixture.url}/api/limited`, { method: 'POST' });
  post.on('error', () => undefined);
  post.write('begun');
  await delay(100);
  post.destroy();
  await vi.waitFor(() => expect(seen(fixture).slice(before)).toContain('malformed-body'), 15_000);
  expect(fixture.log()).not.toContain('unexpected failure');
});
