import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { patchCustomer, patchesOf, postCanonical, startRelay } from './relay-under-test.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelay({ DIRECTSCALE_TIMEOUT_MS: '500' });
});
afterAll(() => stack?.stop());
beforeEach(() => stack.sandbox.reset());

const requestId = { 'X-DirectScale-RequestId': '6f1f6a52-55b1-4f4c-9a5a-0d6f2f2a8c11' };

/** Every documented and observed status of the PATCH, and what the two routes answer to it. */
const answers: [
  string,
  Parameters<Stack['sandbox']['fault']>[0],
  { direct: number; code: string; retryAfter?: string; webhook: number; outcome?: string },
][] = [
  [
    '400',
    { status: 400, headers: requestId },
    { direct: 422, code: 'rejected', webhook: 200, outcome: 'rejected' },
  ],
  ['401', { status: 401 }, { direct: 503, code: 'upstream-misconfigured', retryAfter: '60', webhook: 503 }],
  [
    '403, forbidden',
    { status: 403 },
    { direct: 503, code: 'upstream-misconfigured', retryAfter: '60', webhook: 503 },
  ],
  [
    '403, quota',
    { status: 403, headers: { 'Retry-After': '120' } },
    { direct: 503, code: 'upstream-unavailable', retryAfter: '120', webhook: 503 },
  ],
  [
    '404 of the back end',
    { status: 404, headers: requestId },
    { direct: 404, code: 'customer-not-found', webhook: 200, outcome: 'customer-not-found' },
  ],
  [
    '404 of the gateway',
    { status: 404 },
    { direct: 503, code: 'upstream-misconfigured', retryAfter: '60', webhook: 503 },
  ],
  [
    '302',
    { status: 302, headers: { Location: 'https://example.com/' } },
    { direct: 503, code: 'upstream-misconfigured', retryAfter: '60', webhook: 503 },
  ],
  ['408', { status: 408 }, { direct: 503, code: 'upstream-unavailable', retryAfter: '30', webhook: 503 }],
  [
    '409',
    { status: 409, headers: requestId },
    { direct: 422, code: 'rejected', webhook: 200, outcome: 'rejected' },
  ],
  [
    '429',
    { status: 429, headers: { 'Retry-After': '7' } },
    { direct: 503, code: 'upstream-unavailable', retryAfter: '7', webhook: 503 },
  ],
  [
    '500',
    { status: 500, headers: requestId },
    { direct: 503, code: 'upstream-unavailable', retryAfter: '30', webhook: 503 },
  ],
  ['503', { status: 503 }, { direct: 503, code: 'upstream-unavailable', retryAfter: '30', webhook: 503 }],
  [
    'no answer: connection reset',
    { reset: true },
    { direct: 503, code: 'upstream-unavailable', retryAfter: '30', webhook: 503 },
  ],
  [
    'no answer in time',
    { delayMs: 1500 },
    { direct: 503, code: 'upstream-unavailable', retryAfter: '30', webhook: 503 },
  ],
];

describe.each(answers)('DirectScale answers %s', (_, fault, expected) => {
  test(`the direct route answers ${expected.direct} ${expected.code}`, async () => {
    stack.sandbox.fault({ ...fault, match: { method: 'PATCH' } });
    const response = await patchCustomer(stack, '10542', { FirstName: 'Marie' });
    expect(response.status).toBe(expected.direct);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('retry-after')).toBe(expected.retryAfter ?? null);
    expect(await response.json()).toMatchObject({ code: expected.code, status: expected.direct });
  });

  test(`a webhook is answered ${expected.webhook}`, async () => {
    stack.sandbox.fault({ ...fault, match: { method: 'PATCH' } });
    const response = await postCanonical(stack, {
      customer: { customerId: '10542' },
      fields: { FirstName: 'Marie' },
    });
    expect(response.status).toBe(expected.webhook);
    const answer = await response.json();
    if (expected.outcome) expect(answer).toMatchObject({ changes: [{ outcome: expected.outcome }] });
    else expect(answer).toMatchObject({ code: expected.code });
  });
});

test("200: says what was sent, with DirectScale's request id", async () => {
  const response = await patchCustomer(stack, '10542', { FirstName: 'Marie', BirthDate: '1990-05-02' });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    customerId: '10542',
    outcome: 'applied',
    fields: ['BirthDate', 'FirstName'],
    upstream: { status: 200, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
  expect(patchesOf(stack, '10542')).toEqual([{ FirstName: 'Marie', BirthDate: '1990-05-02T00:00:00' }]);
});

test("DirectScale's words reach the caller, without the values that were sent", async () => {
  const message = 'The value Jane-Unique of FirstName is not allowed';
  stack.sandbox.fault({
    status: 400,
    headers: { ...requestId, 'X-DirectScale-Message': message },
    match: { method: 'PATCH' },
  });
  const response = await patchCustomer(stack, '10542', { FirstName: 'Jane-Unique' });
  expect(await response.json()).toMatchObject({
    upstream: {
      message: 'The value [FirstName] of FirstName is not allowed',
      requestId: requestId['X-DirectScale-RequestId'],
    },
  });
  expect(stack.host.log()).not.toContain('Jane-Unique');
});

test('422 lists every problem by path, and nothing is sent', async () => {
  const response = await patchCustomer(stack, '10542', {
    FirstName: 5,
    Nickname: 'x',
    TaxId: '*****1234',
    PrimaryAddress: {
      Street1: '1 Main St',
      Street2: '',
      Region: 'UT',
      PostalCode: '84043',
      CountryCode: 'USA',
    },
  });
  expect(response.status).toBe(422);
  const { violations } = (await response.json()) as { violations: { path: string }[] };
  expect(violations.map(({ path }) => path).sort()).toEqual([
    'FirstName',
    'Nickname',
    'PrimaryAddress.City',
    'PrimaryAddress.CountryCode',
    'TaxId',
  ]);
  expect(stack.sandbox.history).toHaveLength(0);
});

test.each([
  ['empty patch', '10542', {}],
  ['not an object', '10542', []],
  ['id that is not a number', 'abc', { FirstName: 'x' }],
  ['id with a path in it', '1%2F..%2F2', { FirstName: 'x' }],
  ['id zero', '0', { FirstName: 'x' }],
])('%s: 422', async (_, customerId, body) => {
  const response = await patchCustomer(stack, customerId, body);
  expect(response.status).toBe(422);
  expect(stack.sandbox.history).toHaveLength(0);
});

test('a body that is not JSON: 400', async () => {
  expect((await patchCustomer(stack, '10542', '{')).status).toBe(400);
});

test('without the function key: 401, and the health details too', async () => {
  const url = `${stack.host.url}/api/customers/10542`;
  expect((await fetch(url, { method: 'PATCH', body: '{"FirstName":"x"}' })).status).toBe(401);
  expect((await fetch(`${stack.host.url}/api/health/details`)).status).toBe(401);
  expect((await fetch(`${stack.host.url}/api/preview/in-house`, { method: 'POST' })).status).toBe(401);
  expect(stack.sandbox.history).toHaveLength(0);
});

test('custom fields: those that the change leaves out keep their value', async () => {
  await patchCustomer(stack, '10542', { AssociateCustom: { Field1: 'one', Field2: 'two' } });
  await patchCustomer(stack, '10542', { AssociateCustom: { Field2: 'TWO' } });
  expect(patchesOf(stack, '10542').at(-1)).toEqual({ AssociateCustom: { Field1: 'one', Field2: 'TWO' } });
});
