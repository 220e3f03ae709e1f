import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startFunctionHost } from '../../local/function-host.ts';
import { type Stack, type Surroundings, startSurroundings } from '../../local/stack.ts';
import {
  type DeliveryReport,
  functionKey,
  getDelivery,
  newCustomer,
  outcomeOf,
  patchCustomer,
  patchesOf,
  postCanonical,
  quickRetries,
  relayConfig,
  startRelay,
} from './relay-under-test.ts';

const requestId = { 'X-DirectScale-RequestId': '6f1f6a52-55b1-4f4c-9a5a-0d6f2f2a8c11' };
const isTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const isDeliveryId = expect.stringMatching(/^\d{8}-\d{9}-[0-9a-f]{16}$/);

interface Expected {
  readonly direct: number;
  readonly code: string;
  readonly retryAfter?: string;
  /** Of the attempt's line: what the relay makes of the answer. */
  readonly attempt: Readonly<Record<string, unknown>>;
  /** Why a webhook is parked; absent: it is pending, and applied in the end. */
  readonly parked?: string;
}

const rejected = (status: number): Expected => ({
  direct: 422,
  code: 'rejected',
  attempt: { outcome: 'rejected', status },
  parked: 'rejected',
});
const misconfigured = (status: number, reason: string): Expected => ({
  direct: 503,
  code: 'upstream-misconfigured',
  retryAfter: '60',
  attempt: { outcome: 'misconfigured', reason, status },
});
const unavailable = (status: number | undefined, reason: string, retryAfter = '30'): Expected => ({
  direct: 503,
  code: 'upstream-unavailable',
  retryAfter,
  attempt: { outcome: 'unavailable', reason, ...(status && { status }) },
});

/** Every documented and observed status of the PATCH, and what the two routes make of it. */
const answers: [string, Parameters<Stack['sandbox']['fault']>[0], Expected][] = [
  ['400', { status: 400, headers: requestId }, rejected(400)],
  ['401', { status: 401 }, misconfigured(401, 'key-rejected')],
  ['403, forbidden', { status: 403 }, misconfigured(403, 'forbidden')],
  ['403, quota', { status: 403, headers: { 'Retry-After': '3' } }, unavailable(403, 'quota', '3')],
  [
    '404 of the back end',
    { status: 404, headers: requestId },
    {
      direct: 404,
      code: 'customer-not-found',
      attempt: { outcome: 'customer-not-found', status: 404 },
      parked: 'customer-not-found',
    },
  ],
  ['404 of the gateway', { status: 404 }, misconfigured(404, 'not-the-api')],
  ['302', { status: 302, headers: { Location: 'https://example.com/' } }, misconfigured(302, 'not-the-api')],
  ['408', { status: 408 }, unavailable(408, 'timeout')],
  ['409', { status: 409, headers: requestId }, rejected(409)],
  ['429', { status: 429, headers: { 'Retry-After': '2' } }, unavailable(429, 'throttled', '2')],
  ['500', { status: 500, headers: requestId }, unavailable(500, 'server-error')],
  ['503', { status: 503 }, unavailable(503, 'server-error')],
  ['nothing: connection reset', { reset: true }, unavailable(undefined, 'no-answer')],
  ['nothing in time', { delayMs: 1500 }, unavailable(undefined, 'timeout')],
];

/** A wait that DirectScale asks for goes for every host. */
const isHeard = ({ headers }: Parameters<Stack['sandbox']['fault']>[0]): boolean =>
  headers !== undefined && 'Retry-After' in headers;

// Each test has a host of its own: a failure can make a host pause all calls. Where other hosts hear of it, storage, too.
describe('DirectScale answers', () => {
  let surroundings: Surroundings;
  beforeAll(async () => {
    surroundings = await startSurroundings({ relayConfig });
  });
  afterAll(() => surroundings?.stop());

  async function withHost(
    isHeard: boolean,
    run: (stack: Pick<Stack, 'host' | 'sandbox'>) => Promise<void>,
  ): Promise<void> {
    const own = isHeard ? await startSurroundings({ relayConfig }) : undefined;
    const used = own ?? surroundings;
    const quick = { ...quickRetries, DIRECTSCALE_TIMEOUT_MS: '500', SECRETS_MIN_REFRESH_SECONDS: '3600' };
    const env = { ...used.env, ...quick };
    // A change that a host holds when it is stopped comes back after the lock.
    const host = await startFunctionHost({ functionKey, queueLockMs: 3000, env });
    try {
      await run({ host, sandbox: used.sandbox });
    } finally {
      await host.stop();
      await own?.stop();
    }
  }

  test.concurrent.each(answers)(
    '%s: what the direct route answers, once and for all',
    async (_, fault, expected) => {
      await withHost(isHeard(fault), async (stack) => {
        const customerId = newCustomer(stack);
        stack.sandbox.fault({ ...fault, times: 1, match: { method: 'PATCH', customerId } });
        const response = await patchCustomer(stack, customerId, { FirstName: 'Marie' });
        expect(response.status).toBe(expected.direct);
        expect(response.headers.get('content-type')).toBe('application/problem+json');
        expect(response.headers.get('retry-after')).toBe(expected.retryAfter ?? null);
        const problem = (await response.json()) as { deliveryId: string };
        expect(problem).toMatchObject({
          type: `urn:customer-relay:problem:${expected.code}`,
          code: expected.code,
          status: expected.direct,
          deliveryId: isDeliveryId,
        });
        // The caller was told and repeats it: the queue does not.
        const delivery = await getDelivery(stack, problem.deliveryId);
        expect(delivery.status).toBe(200);
        expect(await delivery.json()).toMatchObject({
          status: 'returned',
          source: 'direct',
          changes: [{ status: 'returned', attempts: [expected.attempt] }],
        });
      });
    },
  );

  test.concurrent.each(answers)(
    '%s: what becomes of a webhook',
    async (_, fault, expected) => {
      await withHost(isHeard(fault), async (stack) => {
        const customerId = newCustomer(stack);
        stack.sandbox.fault({ ...fault, times: 1, match: { method: 'PATCH', customerId } });
        const payload = { customer: { customerId }, fields: { FirstName: 'Marie' } };
        const response = await postCanonical(stack, payload, { source: 'in-house-sync' });
        if (expected.parked) {
          expect(response.status).toBe(200);
          expect(await response.json()).toMatchObject({
            status: 'parked',
            changes: [{ status: 'parked', reason: expected.parked, attempts: [expected.attempt] }],
          });
          expect(patchesOf(stack, customerId)).toEqual([]);
          return;
        }
        expect(response.status).toBe(202);
        const { status, changes } = await outcomeOf(stack, response);
        expect(status).toBe('applied');
        expect(changes[0]?.attempts[0]).toMatchObject(expected.attempt);
        expect(changes[0]?.attempts.at(-1)).toMatchObject({ outcome: 'applied', status: 200 });
        expect(stack.sandbox.customers.get(customerId)).toMatchObject({ FirstName: 'Marie' });
      });
    },
    // A wrong configuration is looked at again after 15 to 20 seconds.
    60_000,
  );

  test('429: until the time in its Retry-After nobody else is called either', async () => {
    await withHost(true, async (stack) => {
      const [first, second] = [newCustomer(stack), newCustomer(stack)];
      const match = { method: 'PATCH', customerId: first };
      stack.sandbox.fault({ status: 429, headers: { 'Retry-After': '30' }, times: 1, match });
      expect((await patchCustomer(stack, first, { FirstName: 'Marie' })).status).toBe(503);
      const response = await patchCustomer(stack, second, { FirstName: 'Marie' });
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: 'upstream-unavailable', reason: 'throttled' });
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(20);
      expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(30);
      expect(stack.sandbox.history.filter((call) => call.customerId === second)).toEqual([]);
    });
  });
});

describe('the direct route', () => {
  let stack: Stack;
  let customerId: string;
  beforeAll(async () => {
    stack = await startRelay(quickRetries);
  });
  afterAll(() => stack?.stop());
  beforeEach(() => {
    stack.sandbox.reset();
    customerId = newCustomer(stack);
  });
  afterEach(() => stack.sandbox.clearFaults());

  test("200: says what was sent, with DirectScale's request id, and where it is recorded", async () => {
    const response = await patchCustomer(stack, customerId, { FirstName: 'Marie', BirthDate: '1990-05-02' });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as DeliveryReport;
    expect(answer).toEqual({
      deliveryId: isDeliveryId,
      index: 0,
      status: 'applied',
      customerId,
      occurredAt: isTime,
      isStrict: true,
      fields: ['BirthDate', 'FirstName'],
      dropped: [],
      attempts: [
        {
          at: isTime,
          outcome: 'applied',
          status: 200,
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      ],
      failedAttempts: 0,
      violations: [],
    });
    expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Marie', BirthDate: '1990-05-02T00:00:00' }]);
    expect(response.headers.get('location')).toBe(`${stack.host.url}/api/deliveries/${answer.deliveryId}`);
    const { deliveryId, ...change } = answer;
    expect(await (await getDelivery(stack, deliveryId)).json()).toEqual({
      deliveryId,
      status: 'applied',
      source: 'direct',
      receivedAt: isTime,
      changes: [change],
    });
  });

  test('the same values again: 200 unchanged, without a PATCH; only what differs is sent', async () => {
    const values = { FirstName: 'Same', LastName: 'Values', AssociateCustom: { Field1: 'one' } };
    expect(await statusOf(patchCustomer(stack, customerId, values))).toEqual([200, 'applied']);
    expect(await statusOf(patchCustomer(stack, customerId, values))).toEqual([200, 'unchanged']);
    expect(patchesOf(stack, customerId)).toEqual([values]);

    const partly = await patchCustomer(stack, customerId, { ...values, LastName: 'Other' });
    expect(await partly.json()).toMatchObject({
      status: 'applied',
      dropped: ['FirstName', 'AssociateCustom.Field1'],
    });
    expect(patchesOf(stack, customerId)).toEqual([values, { LastName: 'Other' }]);
  });

  test('occurredAt: what is older than what was applied is stale, field by field', async () => {
    const at = (minute: number) => ({ query: `?occurredAt=2026-01-05T10:0${minute}:00Z` });
    const patch = (fields: object, minute: number) => patchCustomer(stack, customerId, fields, at(minute));
    expect(await statusOf(patch({ FirstName: 'five' }, 5))).toEqual([200, 'applied']);
    expect(await statusOf(patch({ FirstName: 'four' }, 4))).toEqual([200, 'stale']);
    const mixed = await patch({ FirstName: 'four', LastName: 'four' }, 4);
    expect(await mixed.json()).toMatchObject({
      status: 'applied',
      occurredAt: '2026-01-05T10:04:00.000Z',
      dropped: ['FirstName'],
    });
    expect(await statusOf(patch({ FirstName: 'six' }, 6))).toEqual([200, 'applied']);
    expect(patchesOf(stack, customerId)).toEqual([
      { FirstName: 'five' },
      { LastName: 'four' },
      { FirstName: 'six' },
    ]);
  });

  test.each(['yesterday', '2026-01-05T10:00:00', new Date(Date.now() + 3_600_000).toISOString()])(
    'occurredAt=%s: 422',
    async (occurredAt) => {
      const query = `?occurredAt=${occurredAt}`;
      const response = await patchCustomer(stack, customerId, { FirstName: 'x' }, { query });
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        code: 'invalid',
        violations: [{ path: 'occurredAt' }],
      });
      expect(stack.sandbox.history).toHaveLength(0);
    },
  );

  describe('Prefer: respond-async', () => {
    const prefer = { Prefer: 'respond-async' };

    test('202; with the key in the query a plain GET of its Location ends in 200, as a Logic App does it', async () => {
      stack.sandbox.fault({ status: 503, times: 1, match: { method: 'PATCH', customerId } });
      const query = `?code=${functionKey}`;
      const response = await patchCustomer(
        stack,
        customerId,
        { FirstName: 'Later' },
        { query, headers: prefer },
      );
      expect(response.status).toBe(202);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      const { deliveryId, status } = (await response.json()) as DeliveryReport;
      expect(status).toBe('pending');
      const location = response.headers.get('location') ?? '';
      expect(location).toBe(`${stack.host.url}/api/deliveries/${deliveryId}${query}`);

      const first = await fetch(location);
      expect(first.status).toBe(202);
      expect(first.headers.get('location')).toBe(location);
      expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
      await expect.poll(async () => (await fetch(location)).status, { timeout: 20_000 }).toBe(200);
      expect(await (await fetch(location)).json()).toMatchObject({
        status: 'applied',
        source: 'direct',
        changes: [{ attempts: [{ status: 503 }, { status: 200 }] }],
      });
      expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Later' }]);
    });

    test('a key in the header is not repeated in the Location', async () => {
      const headers = { ...prefer, 'x-functions-key': functionKey };
      const response = await patchCustomer(stack, customerId, { FirstName: 'Later' }, { headers });
      expect(response.headers.get('location')).not.toContain(functionKey);
      expect(await outcomeOf(stack, response)).toMatchObject({ status: 'applied' });
    });

    test('what DirectScale rejects is parked: nobody is there to be told', async () => {
      stack.sandbox.fault({ status: 400, headers: requestId, match: { method: 'PATCH', customerId } });
      const headers = { ...prefer, 'x-functions-key': functionKey };
      const response = await patchCustomer(stack, customerId, { FirstName: 'Bad' }, { headers });
      expect(await outcomeOf(stack, response)).toMatchObject({
        status: 'parked',
        changes: [{ reason: 'rejected' }],
      });
    });

    test('what is invalid is said at once', async () => {
      const headers = { ...prefer, 'x-functions-key': functionKey };
      expect((await patchCustomer(stack, customerId, { Nickname: 'x' }, { headers })).status).toBe(422);
    });
  });

  describe('Idempotency-Key', () => {
    const withKey = (key: string, more: Record<string, string> = {}) => ({
      headers: { 'x-functions-key': functionKey, 'Idempotency-Key': key, ...more },
    });

    test('a repeat gets the same delivery, also after a newer change, and makes no second PATCH', async () => {
      const key = withKey(`once-${customerId}`);
      const first = await patchCustomer(stack, customerId, { FirstName: 'Once' }, key);
      const newer = await patchCustomer(stack, customerId, { FirstName: 'Newer' });
      const second = await patchCustomer(stack, customerId, { FirstName: 'Once' }, key);
      expect([first.status, newer.status, second.status]).toEqual([200, 200, 200]);
      expect(await second.json()).toEqual(await first.json());
      expect(second.headers.get('location')).toBe(first.headers.get('location'));
      expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Once' }, { FirstName: 'Newer' }]);
    });

    test('the same key with another body, or for another customer, is another request', async () => {
      const key = withKey(`shared-${customerId}`);
      const other = newCustomer(stack);
      const answered = [
        await patchCustomer(stack, customerId, { FirstName: 'One' }, key),
        await patchCustomer(stack, customerId, { FirstName: 'Two' }, key),
        await patchCustomer(stack, other, { FirstName: 'One' }, key),
      ];
      const ids = await Promise.all(
        answered.map(async (response) => ((await response.json()) as DeliveryReport).deliveryId),
      );
      expect(new Set(ids).size).toBe(3);
      expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'One' }, { FirstName: 'Two' }]);
      expect(patchesOf(stack, other)).toEqual([{ FirstName: 'One' }]);
    });

    test('a repeat after a failure tries again, under the same delivery', async () => {
      stack.sandbox.fault({ status: 429, times: 1, match: { method: 'PATCH', customerId } });
      const key = withKey(`again-${customerId}`);
      const first = await patchCustomer(stack, customerId, { FirstName: 'Again' }, key);
      expect(first.status).toBe(503);
      const { deliveryId } = (await first.json()) as DeliveryReport;
      const second = await patchCustomer(stack, customerId, { FirstName: 'Again' }, key);
      expect(second.status).toBe(200);
      expect(await second.json()).toMatchObject({
        deliveryId,
        status: 'applied',
        attempts: [{ status: 429 }, { status: 200 }],
      });
      expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Again' }]);
    });

    test('a repeat with respond-async after a failure is applied in the end', async () => {
      stack.sandbox.fault({ status: 503, times: 1, match: { method: 'PATCH', customerId } });
      const key = `changed-mind-${customerId}`;
      const first = await patchCustomer(stack, customerId, { FirstName: 'Once' }, withKey(key));
      expect(first.status).toBe(503);
      const prefer = withKey(key, { Prefer: 'respond-async' });
      const second = await patchCustomer(stack, customerId, { FirstName: 'Once' }, prefer);
      expect(await outcomeOf(stack, second)).toMatchObject({ status: 'applied' });
      expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Once' }]);
    });

    test('a repeat without respond-async of what is still pending: 202, not done', async () => {
      stack.sandbox.fault({ status: 503, times: 2, match: { method: 'PATCH', customerId } });
      const key = `impatient-${customerId}`;
      const prefer = withKey(key, { Prefer: 'respond-async' });
      const first = await patchCustomer(stack, customerId, { FirstName: 'Once' }, prefer);
      const second = await patchCustomer(stack, customerId, { FirstName: 'Once' }, withKey(key));
      expect(second.status).toBe(202);
      expect(second.headers.get('location')).toBe(first.headers.get('location'));
      expect(await outcomeOf(stack, second)).toMatchObject({ status: 'applied' });
      expect(patchesOf(stack, customerId)).toHaveLength(1);
    });

    test('a repeat without respond-async of what was parked: not a success', async () => {
      stack.sandbox.fault({ status: 400, headers: requestId, match: { method: 'PATCH', customerId } });
      const key = `parked-${customerId}`;
      const prefer = withKey(key, { Prefer: 'respond-async' });
      const first = await patchCustomer(stack, customerId, { FirstName: 'Bad' }, prefer);
      expect(await outcomeOf(stack, first)).toMatchObject({ status: 'parked' });
      const second = await patchCustomer(stack, customerId, { FirstName: 'Bad' }, withKey(key));
      expect(second.status).toBe(422);
      expect(await second.json()).toMatchObject({ code: 'rejected' });
    });

    test('with respond-async, too', async () => {
      const key = withKey(`async-${customerId}`, { Prefer: 'respond-async' });
      const first = await patchCustomer(stack, customerId, { FirstName: 'Once' }, key);
      const outcome = await outcomeOf(stack, first);
      const second = await patchCustomer(stack, customerId, { FirstName: 'Once' }, key);
      expect(second.headers.get('location')).toBe(first.headers.get('location'));
      expect(await outcomeOf(stack, second)).toEqual(outcome);
      expect(patchesOf(stack, customerId)).toHaveLength(1);
    });
  });

  test('two at a time for one customer: both answered 200, one after the other', async () => {
    const responses = await Promise.all([
      patchCustomer(stack, customerId, { FirstName: 'Both' }),
      patchCustomer(stack, customerId, { LastName: 'Both' }),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
    expect(stack.sandbox.customers.get(customerId)).toMatchObject({ FirstName: 'Both', LastName: 'Both' });
  });

  test("DirectScale's words reach the caller, without the values that were sent", async () => {
    const message = 'The value Jane-Unique of FirstName is not allowed';
    stack.sandbox.fault({
      status: 400,
      headers: { ...requestId, 'X-DirectScale-Message': message },
      match: { method: 'PATCH' },
    });
    const response = await patchCustomer(stack, customerId, { FirstName: 'Jane-Unique' });
    const answer = (await response.json()) as DeliveryReport;
    expect(answer).toMatchObject({
      upstream: {
        message: 'The value [FirstName] of FirstName is not allowed',
        requestId: requestId['X-DirectScale-RequestId'],
      },
    });
    const record = await (await getDelivery(stack, answer.deliveryId)).text();
    expect(record).toContain('The value [FirstName] of FirstName is not allowed');
    expect(record).not.toContain('Jane-Unique');
    expect(stack.host.log()).not.toContain('Jane-Unique');
  });

  test('422 lists every problem by path, and nothing is sent', async () => {
    const response = await patchCustomer(stack, customerId, {
      FirstName: 5,
      Nickname: 'x',
      TaxId: '*****1234',
      PrimaryAddress: {
        Street1: '1 Main St',
        Street2: '',
        City: '',
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
    expect((await patchCustomer(stack, customerId, '{')).status).toBe(400);
  });

  test('without the function key: 401, and nothing happens', async () => {
    const { deliveryId } = (await (
      await patchCustomer(stack, customerId, { FirstName: 'Known' })
    ).json()) as DeliveryReport;
    const calls = stack.sandbox.history.length;
    const doors: [string, string][] = [
      ['PATCH', `customers/${customerId}`],
      ['PATCH', `customers/${customerId}?code=wrong`],
      ['DELETE', `customers/${customerId}/deliveries`],
      ['GET', 'deliveries'],
      ['GET', `deliveries/${deliveryId}`],
      ['POST', `deliveries/${deliveryId}/replay`],
      ['POST', 'deliveries/replay'],
      ['GET', 'health/details'],
      ['POST', 'preview/in-house'],
    ];
    for (const [method, path] of doors) {
      const body = method === 'PATCH' ? '{"FirstName":"x"}' : undefined;
      const response = await fetch(`${stack.host.url}/api/${path}`, { method, ...(body && { body }) });
      expect({ method, path, status: response.status }).toEqual({ method, path, status: 401 });
    }
    expect(stack.sandbox.history).toHaveLength(calls);
    expect((await getDelivery(stack, deliveryId)).status).toBe(200);
  });

  test.each(['from=x', 'from=%00', 'limit=0', 'status=lost', 'since=today', 'customer=abc', 'other=1'])(
    'GET deliveries?%s: 422 that names it',
    async (query) => {
      const response = await fetch(`${stack.host.url}/api/deliveries?${query}&code=${functionKey}`);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        code: 'invalid',
        violations: [{ path: query.split('=')[0] }],
      });
    },
  );

  test.each(['20260101-000000000-0123456789abcdef', 'x', '..%2F..%2Fcustomers'])(
    'GET deliveries/%s: 404',
    async (id) => {
      const response = await getDelivery(stack, id);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'unknown-delivery' });
    },
  );

  test('custom fields: those that the change leaves out keep their value', async () => {
    await patchCustomer(stack, customerId, { AssociateCustom: { Field1: 'one', Field2: 'two' } });
    await patchCustomer(stack, customerId, { AssociateCustom: { Field2: 'TWO' } });
    expect(patchesOf(stack, customerId).at(-1)).toEqual({
      AssociateCustom: { Field1: 'one', Field2: 'TWO' },
    });
  });
});

/** Status of the answer, and what it says of the change. */
async function statusOf(answer: Promise<Response>): Promise<[number, string]> {
  const response = await answer;
  return [response.status, ((await response.json()) as DeliveryReport).status];
}
