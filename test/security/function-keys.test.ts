import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../../local/stack.ts';
import { changesOf, functionKey } from '../integration/operator.ts';
import { routes, withoutRoute } from './registered.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ relayConfig: 'test/integration/relay.json', host: { functionKey } });
});
afterAll(() => stack?.stop());

const calls = routes.flatMap(({ name, route, methods, level }) =>
  methods.map((method) => ({ name, method, path: route.replace(/\{\w+\}/g, '1'), level })),
);
const withKey = calls.filter(({ level }) => level !== 'anonymous');

function call(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${stack.host.url}/api/${path}`, { method, headers });
}

test('nothing is anonymous but webhooks, which prove themselves, health without details, the description, and the console without data', () => {
  const anonymous = calls.filter(({ level }) => level === 'anonymous');
  expect(anonymous.map(({ method, name }) => `${method} ${name}`).toSorted()).toEqual([
    'GET console',
    'GET health',
    'GET openapi',
    'GET webhooks',
    'HEAD webhooks',
    'OPTIONS webhooks',
    'POST webhooks',
  ]);
  expect(withKey.length).toBeGreaterThan(10);
});

describe.each(withKey)('$method /api/$path', ({ method, path }) => {
  test('is refused without a key and with a wrong one, in header and query', async () => {
    const wrong = [`${functionKey}x`, functionKey.slice(0, -1), functionKey.toUpperCase(), ''];
    const answers = await Promise.all([
      call(method, path),
      ...wrong.map((key) => call(method, path, { 'x-functions-key': key })),
      ...wrong.map((key) => call(method, `${path}?code=${key}`)),
      call(method, path, { Authorization: `Bearer ${functionKey}` }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(401));
    for (const answer of answers) expect(await answer.text()).toBe('');
  });

  test('gets through with the key', async () => {
    const answer = await call(method, path, { 'x-functions-key': functionKey });
    await answer.body?.cancel();
    expect(answer.status).not.toBe(401);
  });
});

test.each(withoutRoute)('%s cannot be started without a key', async (name) => {
  const url = `${stack.host.url}/admin/functions/${name}`;
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
});

test('nothing is called and nothing is recorded by what was refused', async () => {
  // The comparison of a customer reads it, once it gets through with the key.
  expect(stack.sandbox.history.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v1/customers/1',
  ]);
  expect(await changesOf(stack.host.url)).toEqual([]);
});
