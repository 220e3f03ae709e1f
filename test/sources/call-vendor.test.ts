import { afterEach, describe, expect, test } from 'vitest';
import { callVendor, failureOf } from '../../src/sources/shared/call-vendor.ts';
import { getRecord } from '../../src/sources/shared/get-record.ts';
import { type Respond, startServer, type TestServer } from '../test-server.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function start(respond: Respond) {
  const server = await startServer(respond);
  servers.push(server);
  return { server, call: { url: server.url, headers: { 'X-Token': 't' }, timeoutMs: 5000 } };
}
const answering = (body: string, status = 200, headers: Record<string, string> = {}) =>
  start((response) => response.writeHead(status, headers).end(body));

describe('a call', () => {
  test('reads by GET, writes JSON by POST or as it is told, and a form as one', async () => {
    const { server, call } = await answering('{"a":1}');
    expect(await callVendor(call)).toMatchObject({ status: 200, payload: { a: 1 } });
    await callVendor({ ...call, body: { b: 2 } });
    await callVendor({ ...call, method: 'PUT', body: { c: 3 } });
    await callVendor({ ...call, body: new URLSearchParams({ d: '4 5' }) });
    expect(
      server.requests.map(({ method, body, headers }) => [method, body, headers['content-type']]),
    ).toEqual([
      ['GET', '', undefined],
      ['POST', '{"b":2}', 'application/json'],
      ['PUT', '{"c":3}', 'application/json'],
      ['POST', 'd=4+5', 'application/x-www-form-urlencoded;charset=UTF-8'],
    ]);
    expect(server.requests.every(({ headers }) => headers['x-token'] === 't')).toBe(true);
  });

  test('follows no redirect', async () => {
    const { server, call } = await answering('', 302, { location: '/elsewhere' });
    expect(await callVendor(call)).toMatchObject({ status: 302, payload: undefined });
    expect(server.requests).toHaveLength(1);
  });

  test('cuts an answer off that is too long', async () => {
    const { call } = await answering(`["${'x'.repeat(1000)}"]`);
    expect(await callVendor({ ...call, limitBytes: 500 })).toMatchObject({ status: 200, payload: undefined });
    expect(await getRecord(call)).toMatchObject({ type: 'found' });
  });

  test('of which no answer comes, or not in time, is none', async () => {
    const { call } = await start(() => undefined);
    expect(await callVendor({ ...call, timeoutMs: 50 })).toBeUndefined();
    const { call: broken } = await start((response) => response.destroy());
    expect(await callVendor(broken)).toBeUndefined();
    expect(failureOf(undefined)).toEqual({ type: 'unavailable' });
  });
});
