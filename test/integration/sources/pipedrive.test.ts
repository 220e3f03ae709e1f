import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../../../local/stack.ts';
import { sampleOptions, sender } from '../../fixtures/pipedrive/sender.ts';
import { functionKey, newCustomer, outcomeOf, patchesOf, quickRetries } from '../relay-under-test.ts';

const relayConfig = 'test/integration/sources/pipedrive.relay.json';
const sample = JSON.parse(await readFile('test/fixtures/pipedrive/person-change.json', 'utf8'));
const secretOf = (name: string) => sender.secret?.(name) ?? '';
const credentials = secretOf('pipedrive-webhook-credentials');

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ relayConfig, host: { functionKey, env: quickRetries } });
});
afterAll(() => stack?.stop());
beforeEach(() => stack.sandbox.reset());

/** The sample about a customer, as an event of its own, of now. */
function eventOf(customerId: string, { data = {}, meta = {}, ...more }: Record<string, object> = {}) {
  const now = new Date().toISOString();
  const custom_fields = {
    ...sample.data.custom_fields,
    [sampleOptions.idField]: { type: 'double', value: Number(customerId) },
  };
  return {
    ...sample,
    ...more,
    data: { ...sample.data, custom_fields, update_time: `${now.slice(0, 19)}Z`, ...data },
    meta: { ...sample.meta, id: randomUUID(), timestamp: now, ...meta },
  };
}

function post(payload: unknown, secret = credentials, headers?: Record<string, string>): Promise<Response> {
  const body = JSON.stringify(payload);
  const url = new URL(`${stack.host.url}/api/webhooks/pipedrive`);
  const sent = headers ?? sender.headers(Buffer.from(body), secret, new Date(), url);
  return fetch(url, { method: 'POST', body, headers: sent });
}

describe('a change of a person', () => {
  test('is accepted, and what changed arrives', async () => {
    const customerId = newCustomer(stack);
    const response = await post(eventOf(customerId));
    expect(response.status).toBe(202);
    expect(await outcomeOf(stack, response)).toMatchObject({ status: 'applied', topic: 'change.person' });
    expect(patchesOf(stack, customerId)).toEqual([
      {
        FirstName: 'Maria',
        LastName: 'Jensen',
        EmailAddress: 'maria.jensen@example.com',
        CompanyName: 'Jensen Wellness LLC',
        PrimaryPhone: '+18015550142',
        TextPhone: '+18015550144',
        BirthDate: '1990-05-01T00:00:00',
        PrimaryAddress: {
          Street1: '2600 Executive Pkwy',
          Street2: 'Suite 400',
          City: 'Lehi',
          Region: 'UT',
          PostalCode: '84043',
          CountryCode: 'US',
        },
        AssociateCustom: { Field1: 'gold' },
      },
    ]);
  });

  test('that comes again, as another attempt, does nothing; a value that comes back is sent', async () => {
    const customerId = newCustomer(stack);
    const name = (first_name: string, before: string) =>
      eventOf(customerId, { data: { first_name }, previous: { first_name: before } });
    const first = name('A', 'B');
    await outcomeOf(stack, await post(first));
    const again = await post({ ...first, meta: { ...first.meta, attempt: 2 } });
    expect(await again.json()).toMatchObject({ status: 'received-before' });
    await outcomeOf(stack, await post(name('B', 'A')));
    await outcomeOf(stack, await post(name('A', 'B')));
    expect(patchesOf(stack, customerId)).toEqual([
      { FirstName: 'A' },
      { FirstName: 'B' },
      { FirstName: 'A' },
    ]);
  });

  test('clears what was emptied', async () => {
    const customerId = newCustomer(stack);
    const event = eventOf(customerId, {
      data: { last_name: null, phones: [] },
      previous: { last_name: 'Jensen', phones: [{ value: '+18015550142', primary: true, label: 'work' }] },
    });
    expect((await outcomeOf(stack, await post(event))).status).toBe('applied');
    expect(patchesOf(stack, customerId)).toEqual([{ LastName: '', PrimaryPhone: '' }]);
  });

  test('of somebody without the DirectScale id is parked', async () => {
    const event = eventOf('1', { data: { id: 9, custom_fields: {} }, previous: { first_name: 'Mary' } });
    const { changes } = await outcomeOf(stack, await post(event));
    expect(changes).toMatchObject([{ status: 'parked', reason: 'customer-not-found', recordId: '8' }]);
    expect(stack.sandbox.history.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  test('by a user that relay.json ignores is ignored', async () => {
    const response = await post(eventOf(newCustomer(stack), { meta: { user_id: '777' } }));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ignored' });
  });
});

test.each([
  ['a deletion', { action: 'delete' }, 'person 8 was deleted in Pipedrive'],
  ['a merge into another', { action: 'delete', merged_to_id: '9' }, 'person 8 was merged into 9'],
  ['a merge with another', { merged_from_id: '9' }, 'person 8 took over 9 in a merge'],
])('%s is parked for a person', async (_, meta, note) => {
  const response = await post(eventOf(newCustomer(stack), { meta }));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'for-a-person', note }],
  });
  expect(stack.sandbox.history).toEqual([]);
});

test('other objects are acknowledged and ignored', async () => {
  for (const entity of ['deal', 'organization', 'note']) {
    const response = await post(eventOf('10542', { meta: { entity } }));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ignored' });
  }
});

test('what is not authentic is refused', async () => {
  const { Authorization = '' } = sender.headers(
    Buffer.from(''),
    credentials,
    new Date(),
    new URL(stack.host.url),
  );
  const flipped = Authorization.replace(/.(=*)$/, (last) => (last.startsWith('A') ? 'B' : 'A'));
  const refused = [
    await post(eventOf('10542'), `${credentials}x`),
    await post(eventOf('10542'), credentials.replace('relay:', 'Relay:')),
    await post(eventOf('10542'), '', { Authorization: flipped }),
    await post(eventOf('10542'), '', { Authorization: Authorization.replace('Basic', 'Bearer') }),
    await post(eventOf('10542'), '', {}),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(stack.sandbox.history).toEqual([]);
});

test('the second credentials of a rotation are accepted', async () => {
  const event = eventOf(newCustomer(stack), { previous: { first_name: 'Mary' } });
  const response = await post(event, secretOf('pipedrive-webhook-credentials-next'));
  expect((await outcomeOf(stack, response)).status).toBe('applied');
});

test('what is no event is a 400', async () => {
  expect((await post({ hello: 1 })).status).toBe(400);
});
