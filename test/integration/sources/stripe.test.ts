import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { untilNothingIsPending } from '../operator.ts';
import { functionKey, newCustomer, outcomeOf, patchesOf, quickRetries } from '../relay-under-test.ts';

let stack: Stack;
let customerId: string;

beforeAll(async () => {
  const relayConfig = 'test/integration/sources/stripe.relay.json';
  stack = await startStack({ relayConfig, host: { functionKey, env: quickRetries } });
});
afterAll(() => stack?.stop());
beforeEach(() => {
  stack.sandbox.reset();
  customerId = newCustomer(stack);
});
// What one test sent must not reach the sandbox during the next.
afterEach(() => untilNothingIsPending(stack.host.url));

/** A fixture as if it had been sent for this customer just now, under an id of its own. */
async function sample(name: string, changes: object = {}): Promise<string> {
  const event = JSON.parse(await readFile(`test/fixtures/stripe/${name}.json`, 'utf8'));
  event.data.object.metadata.directscale_customer_id = customerId;
  const created = Math.floor(Date.now() / 1000);
  return JSON.stringify({ ...event, id: `evt_${randomUUID()}`, created, ...changes });
}

interface Signing {
  readonly secret?: string;
  /** Unix seconds. */
  readonly time?: number;
  readonly source?: string;
}

function signatureOf(
  body: string,
  { secret = localSecret('stripe-signing-secret'), time }: Signing = {},
): string {
  const t = time ?? Math.floor(Date.now() / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

function post(
  body: string,
  signing: Signing = {},
  signature = signatureOf(body, signing),
): Promise<Response> {
  return fetch(`${stack.host.url}/api/webhooks/${signing.source ?? 'stripe'}`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Stripe-Signature': signature },
  });
}

test('a signed update is accepted, and its fields arrive', async () => {
  const response = await post(await sample('customer-updated'));
  expect(response.status).toBe(202);
  expect(await outcomeOf(stack, response)).toMatchObject({
    status: 'applied',
    topic: 'customer.updated',
    changes: [{ customerId, status: 'applied' }],
  });
  const address = {
    Street1: '2600 Executive Pkwy',
    Street2: 'Suite 400',
    City: 'Lehi',
    Region: 'UT',
    PostalCode: '84043',
    CountryCode: 'US',
  };
  const fields = {
    FirstName: 'Maria',
    LastName: 'Jensen',
    EmailAddress: 'maria.jensen@example.com',
    CompanyName: 'Jensen Wellness LLC',
    PrimaryPhone: '+18015550142',
    SecondaryPhone: '+18015550143',
    TextPhone: '+18015550144',
    BirthDate: '1990-05-01T00:00:00',
    LanguageCode: 'en',
    TaxId: '123456789',
    PrimaryAddress: address,
    DefaultShippingAddress: address,
    AssociateCustom: { Field1: 'gold', Field2: '' },
  };
  expect(patchesOf(stack, customerId)).toEqual([fields]);
  expect(stack.sandbox.customers.get(customerId)).toMatchObject({
    FirstName: 'Maria',
    EmailAddress: 'maria.jensen@example.com',
    PrimaryAddress: address,
  });
});

test('only what changed is sent; the same event again does nothing', async () => {
  const { data } = JSON.parse(await sample('customer-updated'));
  const body = await sample('customer-updated', {
    data: { ...data, previous_attributes: { phone: '1', name: 'Mary' } },
  });
  const first = await post(body);
  await outcomeOf(stack, first);
  // Each attempt of Stripe has a time and a signature of its own.
  const second = await post(body, { time: Math.floor(Date.now() / 1000) - 5 });
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  await outcomeOf(stack, second);
  expect(patchesOf(stack, customerId)).toEqual([{ PrimaryPhone: '+18015550142' }]);
});

test('both secrets are accepted, also while Stripe signs with the old and the new one', async () => {
  const secret = localSecret('stripe-signing-secret-next');
  expect((await post(await sample('customer-updated'), { secret })).status).toBe(202);
  const body = await sample('customer-updated');
  const [, ofAnother] = signatureOf(body, { secret: 'another' }).split(',');
  expect((await post(body, {}, `${signatureOf(body)},${ofAnother}`)).status).toBe(202);
});

test('what is not authentic is refused, and nothing is called', async () => {
  const body = await sample('customer-updated');
  const signature = signatureOf(body);
  const now = Math.floor(Date.now() / 1000);
  const flipped = signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const refused = [
    await post(body.replace('Maria', 'Marie'), {}, signature),
    await post(body, {}, flipped),
    await post(
      body,
      {},
      signature.replace(/^t=\d+/, (t) => `t=${Number(t.slice(2)) + 1}`),
    ),
    await post(body, { time: now - 330 }),
    await post(body, { time: now + 330 }),
    await post(body, { secret: localSecret('stripe-test-signing-secret') }),
    await post(body, {}, ''),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(stack.sandbox.history).toEqual([]);
});

test('a deleted customer is parked for a person', async () => {
  const response = await post(await sample('customer-deleted'));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: 'parked',
    topic: 'customer.deleted',
    changes: [{ status: 'parked', reason: 'for-a-person' }],
  });
  expect(stack.sandbox.history).toEqual([]);
});

test.each([
  ['another topic', { type: 'invoice.paid', data: { object: { object: 'invoice' } } }],
  ['an event of test mode, such as a test event of the dashboard', { livemode: false }],
  [
    'an update of nothing that DirectScale has',
    { data: { object: { object: 'customer' }, previous_attributes: { balance: 1 } } },
  ],
])('%s is acknowledged and ignored', async (_, changes) => {
  const response = await post(await sample('customer-updated', changes));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: 'ignored' });
  expect(stack.sandbox.history).toEqual([]);
});

test('a source for test mode takes test mode only', async () => {
  const signing = { source: 'stripe-test', secret: localSecret('stripe-test-signing-secret') };
  const taken = await post(await sample('customer-updated', { livemode: false }), signing);
  expect(await outcomeOf(stack, taken)).toMatchObject({ status: 'applied' });
  const ignored = await post(await sample('customer-updated'), signing);
  expect(await ignored.json()).toMatchObject({ status: 'ignored' });
});

test('a body that is signed, but no event: 400', async () => {
  expect((await post('[1]')).status).toBe(400);
});
