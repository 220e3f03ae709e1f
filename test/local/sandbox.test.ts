import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultSubscriptionKey, type Sandbox, startSandbox } from '../../local/sandbox/sandbox.ts';
import { mariasAddress } from '../fixtures/maria.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

const key = { 'Ocp-Apim-Subscription-Key': defaultSubscriptionKey };
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function get(path: string, headers: Record<string, string> = key): Promise<Response> {
  return fetch(sandbox.url + path, { headers });
}

function patch(customerId: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${sandbox.url}/v1/customers/${customerId}`, {
    method: 'PATCH',
    headers: key,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
}

/** Sends a patch of 10542 and, on the same connection, a GET: once that is answered the patch has been received. */
async function patchAndWaitUntilReceived(parameters: object): Promise<Socket> {
  const body = JSON.stringify(parameters);
  const head = `HTTP/1.1\r\nHost: localhost\r\nOcp-Apim-Subscription-Key: ${defaultSubscriptionKey}\r\n`;
  const client = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
  client.on('error', () => {});
  client.write(`PATCH /v1/customers/10542 ${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  client.write(`GET /v1/customers/10543 ${head}\r\n`);
  await expect.poll(() => sandbox.history.length, { timeout: 10_000 }).toBe(1);
  return client;
}

describe('updating a customer', () => {
  test('answers 200 with an empty body and a request id, and writes only what was sent', async () => {
    const before = structuredClone(sandbox.customers.get('10542'));
    const response = await patch('10542', { PrimaryPhone: '8015550142' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(response.headers.get('x-directscale-requestid')).toMatch(uuid);
    expect(sandbox.customers.get('10542')).toEqual({ ...before, PrimaryPhone: '8015550142' });
  });

  test('replaces an address and keeps its id', async () => {
    expect((await patch('10542', { PrimaryAddress: mariasAddress })).status).toBe(200);
    expect(sandbox.customers.get('10542')?.PrimaryAddress).toEqual({
      AddressId: 1,
      Street3: '',
      ...mariasAddress,
    });
    expect(sandbox.customers.get('10542')?.DefaultShippingAddress.Street1).toBe('145 N 200 W');
  });

  test('takes every documented parameter', async () => {
    const parameters = {
      WebAlias: 'mj',
      Username: 'mj',
      CustomerType: 3,
      CustomerStatus: 1,
      BirthDate: '1990-05-01T00:00:00',
      CompanyName: 'Jensen Wellness LLC',
      FirstName: 'Mary',
      LastName: 'Larsen',
      EmailAddress: 'mj@example.com',
      PrimaryAddress: mariasAddress,
      DefaultShippingAddress: mariasAddress,
      LanguageCode: 'en',
      PrimaryPhone: '1',
      SecondaryPhone: '2',
      TextPhone: '3',
      TaxId: '123456789',
      AssociateCustom: { Field1: 'gold' },
    };
    expect((await patch('10542', parameters)).status).toBe(200);
    const { AssociateCustom, ...own } = parameters;
    expect(sandbox.customers.get('10542')).toMatchObject({ ...own, BirthDate: '1990-05-01T00:00:00Z' });
    expect(await (await get('/v1/customers/10542/customFields')).json()).toEqual(AssociateCustom);
  });

  test('answers 404 with a request id for a customer that does not exist', async () => {
    const response = await patch('999', { FirstName: 'Nobody' });
    expect(response.status).toBe(404);
    expect(response.headers.get('x-directscale-requestid')).toMatch(uuid);
  });

  const { City: _, ...partialAddress } = mariasAddress;
  test.each([
    ['an unknown field', { Street1: 'x' }, /Street1/],
    ['a documented field in another case', { firstName: 'x' }, /firstName/],
    ['a partial address', { PrimaryAddress: partialAddress }, /PrimaryAddress\.City/],
    ['an address with its id', { PrimaryAddress: { ...mariasAddress, AddressId: 1 } }, /AddressId/],
    ['a number for a text', { FirstName: 7 }, /FirstName/],
    ['a text for a number', { CustomerType: '1' }, /CustomerType/],
    ['a null', { FirstName: null }, /FirstName/],
    ['a date without a time', { BirthDate: '1990-05-01' }, /BirthDate/],
    ['a custom field by another name', { AssociateCustom: { Colour: 'x' } }, /AssociateCustom/],
    ['a custom field that is no text', { AssociateCustom: { Field1: 1 } }, /AssociateCustom\.Field1/],
    ['a name that fits no header', { 'Straße\n': 'x' }, /Stra/],
    ['no parameter', {}, /parameter/],
    ['an empty body', '', /JSON/],
    ['a body that is not JSON', 'FirstName=x', /JSON/],
  ])('refuses %s with 400 and says why in a header, not in the body', async (_name, body, message) => {
    const before = structuredClone(sandbox.customers.get('10542'));
    const response = await patch('10542', body);
    expect(response.status).toBe(400);
    expect(response.headers.get('x-directscale-message')).toMatch(message);
    expect(response.headers.get('x-directscale-requestid')).toMatch(uuid);
    expect(await response.text()).toBe('');
    expect(sandbox.customers.get('10542')).toEqual(before);
  });
});

describe('reading customers', () => {
  test('one by id', async () => {
    const response = await get('/v1/customers/10542');
    expect(response.headers.get('x-directscale-requestid')).toMatch(uuid);
    expect(await response.json()).toMatchObject({
      CustomerId: 10542,
      FirstName: 'Mary',
      LastName: 'Larsen',
    });
    expect((await get('/v1/customers/999')).status).toBe(404);
  });

  test.each([
    'backofficeid=B10542',
    'email=Mary.Larsen@example.com',
    'externalReferenceId=ext-10542',
    'username=mary.larsen',
    'webalias=marylarsen',
  ])('an array by %s', async (query) => {
    const found = await (await get(`/v1/customers/?${query}`)).json();
    expect(found).toEqual([expect.objectContaining({ CustomerId: 10542 })]);
  });

  test('an empty array when none matches, 400 without a parameter', async () => {
    const response = await get('/v1/customers/?email=nobody@example.com');
    expect([response.status, await response.json()]).toEqual([200, []]);
    expect((await get('/v1/customers/')).status).toBe(400);
  });

  test('several who share an e-mail address', async () => {
    await patch('10543', { EmailAddress: 'mary.larsen@example.com' });
    const found = await (await get('/v1/customers/?email=mary.larsen@example.com')).json();
    expect(found).toHaveLength(2);
  });

  test('active countries', async () => {
    const countries = await (await get('/v1/address/active-countries')).json();
    expect(countries).toContainEqual({ CountryCode: 'us', CountryName: 'United States' });
  });
});

describe('the gateway', () => {
  test.each([
    [
      'missing',
      {},
      'due to missing subscription key. Make sure to include subscription key when making requests to an API.',
    ],
    [
      'invalid',
      { 'Ocp-Apim-Subscription-Key': 'wrong' },
      'due to invalid subscription key. Make sure to provide a valid key for an active subscription.',
    ],
  ])('answers a %s key with 401 and no request id', async (_name, headers, text) => {
    const response = await get('/v1/customers/10542', headers as Record<string, string>);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ statusCode: 401, message: `Access denied ${text}` });
    expect(response.headers.has('x-directscale-requestid')).toBe(false);
  });

  test.each([
    ['GET', '/customers/10542'],
    ['GET', '/v1/nothing'],
    ['POST', '/v1/customers/10542'],
    ['DELETE', '/v1/customers/10542'],
    ['PATCH', '/v1/customers/'],
  ])('answers %s %s with 404 and no request id', async (method, path) => {
    const response = await fetch(sandbox.url + path, { method, headers: key });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ statusCode: 404, message: 'Resource not found' });
    expect(response.headers.has('x-directscale-requestid')).toBe(false);
  });

  test('follows a rotation of keys', async () => {
    sandbox.setSubscriptionKeys(['next']);
    expect((await get('/v1/customers/10542')).status).toBe(401);
    expect((await get('/v1/customers/10542', { 'Ocp-Apim-Subscription-Key': 'next' })).status).toBe(200);
  });
});

describe('faults', () => {
  test('replace the answer as often as they say, and the call has no effect', async () => {
    sandbox.fault({ times: 2, status: 429, headers: { 'Retry-After': '5' }, body: { statusCode: 429 } });
    for (const _ of [1, 2]) {
      const response = await patch('10542', { FirstName: 'New' });
      expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5']);
      expect(await response.json()).toEqual({ statusCode: 429 });
      expect(response.headers.has('x-directscale-requestid')).toBe(false);
    }
    expect(sandbox.customers.get('10542')?.FirstName).toBe('Mary');
    expect((await patch('10542', { FirstName: 'New' })).status).toBe(200);
    expect(sandbox.history.map((call) => [call.status, call.applied])).toEqual([
      [429, false],
      [429, false],
      [200, true],
    ]);
  });

  test('hit only what they match', async () => {
    sandbox.fault({ match: { method: 'patch', customerId: '10543' }, status: 503 });
    expect((await patch('10542', { FirstName: 'New' })).status).toBe(200);
    expect((await get('/v1/customers/10543')).status).toBe(200);
    expect((await patch('10543', { FirstName: 'New' })).status).toBe(503);
    sandbox.clearFaults();
    expect((await patch('10543', { FirstName: 'New' })).status).toBe(200);
  });

  test('with probability 0 never hit, and leave the call to the next fault', async () => {
    sandbox.fault({ probability: 0, status: 500 });
    sandbox.fault({ probability: 1, status: 502 });
    expect((await get('/v1/customers/10542')).status).toBe(502);
  });

  test('can lose the answer of a call that was carried out', async () => {
    sandbox.fault({ times: 1, reset: true, applyAnyway: true });
    await expect(patch('10542', { FirstName: 'New' })).rejects.toThrow();
    expect(sandbox.customers.get('10542')?.FirstName).toBe('New');
    expect(sandbox.history).toMatchObject([{ status: 0, applied: true, patch: { FirstName: 'New' } }]);
  });

  test('can break the connection before the call is carried out', async () => {
    sandbox.fault({ times: 1, reset: true });
    await expect(patch('10542', { FirstName: 'New' })).rejects.toThrow();
    expect(sandbox.customers.get('10542')?.FirstName).toBe('Mary');
    expect(sandbox.history).toMatchObject([{ status: 0, applied: false }]);
  });

  test('delay a patch, which takes effect afterwards although the client has gone', async () => {
    sandbox.fault({ match: { method: 'PATCH' }, times: 1, delayMs: 1000 });
    const client = await patchAndWaitUntilReceived({ FirstName: 'Late' });
    client.destroy();
    expect((await patch('10542', { FirstName: 'Early' })).status).toBe(200);
    await expect.poll(() => sandbox.history.length, { timeout: 10_000 }).toBe(3);
    const patches = sandbox.history.filter((call) => call.method === 'PATCH');
    expect(patches.map((call) => call.patch)).toEqual([{ FirstName: 'Early' }, { FirstName: 'Late' }]);
    expect(sandbox.customers.get('10542')?.FirstName).toBe('Late');
  });

  test('that delay are dropped with their calls by a reset', async () => {
    sandbox.fault({ match: { method: 'PATCH' }, times: 1, delayMs: 60_000 });
    const client = await patchAndWaitUntilReceived({ FirstName: 'Late' });
    const closed = once(client, 'close');
    sandbox.reset();
    await closed;
    expect(sandbox.customers.get('10542')?.FirstName).toBe('Mary');
    expect(sandbox.history).toEqual([]);
  });

  test('that make no sense are refused', () => {
    expect(() => sandbox.fault({ body: 'without a status' })).toThrow();
    expect(() => sandbox.fault({ times: 0 })).toThrow();
  });
});

test('the history tells what was asked and answered', async () => {
  const response = await patch('10542', { FirstName: 'New' });
  await get('/v1/customers/?email=mary.larsen@example.com');
  expect(sandbox.history).toEqual([
    {
      at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      method: 'PATCH',
      path: '/v1/customers/10542',
      customerId: '10542',
      status: 200,
      requestId: response.headers.get('x-directscale-requestid'),
      patch: { FirstName: 'New' },
      applied: true,
    },
    expect.objectContaining({
      method: 'GET',
      path: '/v1/customers/?email=mary.larsen@example.com',
      customerId: undefined,
      applied: false,
    }),
  ]);
});

test('as a process it is controlled over HTTP', async () => {
  const child = spawn(process.execPath, ['local/sandbox/main.ts', '--key', 'one'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { ready, url } = JSON.parse(String(line)) as { ready: boolean; url: string };
    expect(ready).toBe(true);
    const send = (method: string, path: string, body?: unknown, apiKey = 'one') =>
      fetch(url + path, {
        method,
        headers: { 'Ocp-Apim-Subscription-Key': apiKey },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });

    expect((await send('POST', '/_control/faults', { times: 1, status: 500 })).status).toBe(204);
    expect((await send('POST', '/_control/faults', { tmies: 1 })).status).toBe(400);
    expect((await send('GET', '/v1/customers/10542')).status).toBe(500);
    expect((await send('PUT', '/_control/keys', { keys: ['two'] })).status).toBe(204);
    expect((await send('GET', '/v1/customers/10542')).status).toBe(401);
    expect((await send('PATCH', '/v1/customers/10542', { FirstName: 'New' }, 'two')).status).toBe(200);
    expect(await (await send('GET', '/_control/history')).json()).toMatchObject([
      { status: 500 },
      { status: 401 },
      { status: 200, applied: true },
    ]);
    expect(await (await send('GET', '/_control/customers')).json()).toContainEqual(
      expect.objectContaining({ CustomerId: 10542, FirstName: 'New' }),
    );
    await send('POST', '/_control/faults', { status: 500 });
    expect((await send('DELETE', '/_control/faults')).status).toBe(204);
    expect((await send('GET', '/v1/customers/10542', undefined, 'two')).status).toBe(200);
    expect((await send('POST', '/_control/reset')).status).toBe(204);
    expect(await (await send('GET', '/_control/history')).json()).toEqual([]);
    expect((await send('GET', '/_control/nothing')).status).toBe(404);
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
  }
});

describe('what DirectScale refuses', () => {
  test.each([
    ['a part of an address', { PrimaryAddress: { City: 'Lehi' } }, /PrimaryAddress\.Street1/],
    ['a masked tax id', { TaxId: '*****6789' }, /TaxId is masked/],
    ['a date without a time', { BirthDate: '1990-01-05' }, /BirthDate not a date-time/],
    ['a customer type as text', { CustomerType: '2' }, /CustomerType/],
  ])('%s is answered 400 with a message, and nothing is written', async (_, parameters, message) => {
    const before = structuredClone(sandbox.customers.get('10542'));
    const response = await patch('10542', { FirstName: 'Ann', ...parameters });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-directscale-message')).toMatch(message);
    expect(sandbox.customers.get('10542')).toEqual(before);
  });

  test('a look-up by a value with a space', async () => {
    expect((await get('/v1/customers/?username=mary%20larsen')).status).toBe(400);
  });

  test.each([400, 422, 500])('a field, if it is told so, with %i: the others pass', async (status) => {
    sandbox.fault({ match: { field: 'PrimaryPhone' }, status });
    const refused = await patch('10542', { FirstName: 'Ann', PrimaryPhone: '8015550142' });
    expect(refused.status).toBe(status);
    expect(refused.headers.get('x-directscale-message')).toBe('PrimaryPhone is not valid.');
    expect(refused.headers.get('x-directscale-requestid')).toMatch(uuid);
    expect((await patch('10542', { FirstName: 'Ann' })).status).toBe(200);
  });

  test('a region, if it is told so: another one passes', async () => {
    sandbox.fault({ match: { field: 'PrimaryAddress.Region', value: 'ZZ' }, status: 422 });
    const inRegion = (Region: string) => patch('10542', { PrimaryAddress: { ...mariasAddress, Region } });
    expect((await inRegion('ZZ')).status).toBe(422);
    expect((await inRegion('UT')).status).toBe(200);
  });
});

test('a held call takes effect when it is released, although the client has gone', async () => {
  sandbox.fault({ match: { method: 'PATCH' }, hold: true, times: 1 });
  const client = await patchAndWaitUntilReceived({ FirstName: 'Late' });
  client.destroy();
  expect(sandbox.customers.get('10542')?.FirstName).toBe('Mary');
  expect((await fetch(`${sandbox.url}/_control/release`, { method: 'POST' })).status).toBe(204);
  await expect.poll(() => sandbox.customers.get('10542')?.FirstName).toBe('Late');
});

describe("one's own customers", () => {
  const own = [{ CustomerId: 20001, FirstName: 'Lea', PrimaryAddress: { City: 'Wien', CountryCode: 'AT' } }];
  const post = (body: unknown) =>
    fetch(`${sandbox.url}/_control/customers`, { method: 'POST', body: JSON.stringify(body) });

  test('are added by a control, with what is not given made up', async () => {
    expect((await post(own)).status).toBe(204);
    expect(sandbox.customers.get('20001')).toMatchObject({
      FirstName: 'Lea',
      BackOfficeId: 'B20001',
      PrimaryAddress: { City: 'Wien', CountryCode: 'AT', Street1: '1 Main Street' },
    });
    expect((await patch('20001', { LastName: 'Huber' })).status).toBe(200);
  });

  test('that are wrong are refused, and say where', async () => {
    const response = await post([{ CustomerId: 20001, Firstname: 'Lea' }]);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Firstname');
  });

  test('are kept in a file from one start to the next, with what was written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
    const file = join(folder, 'customers.json');
    const first = await startSandbox({ file, customers: [{ CustomerId: 20001 }] });
    const body = JSON.stringify({ LastName: 'Huber', AssociateCustom: { Field1: 'gold' } });
    await fetch(`${first.url}/v1/customers/20001`, { method: 'PATCH', headers: key, body });
    await first.close();
    const second = await startSandbox({ file });
    expect(second.customers.get('20001')?.LastName).toBe('Huber');
    expect(second.customFields.get('20001')).toEqual({ Field1: 'gold' });
    await second.close();
    await rm(folder, { recursive: true });
  });
});
