import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariasAddress, mariasAddresses } from '../../fixtures/maria.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('stripe');

/** A fixture as if it had been sent for this customer just now, under an id of its own. */
async function sample(name: string, changes: object = {}): Promise<string> {
  const event = JSON.parse(await readFile(`test/fixtures/stripe/${name}.json`, 'utf8'));
  event.data.object.metadata.directscale_customer_id = relay.customerId;
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
  return relay.post(signing.source ?? 'stripe', body, {
    'Content-Type': 'application/json; charset=utf-8',
    'Stripe-Signature': signature,
  });
}

test('a signed update is accepted, and its fields arrive', async () => {
  const response = await post(await sample('customer-updated'));
  expect(response.status).toBe(202);
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'applied',
    topic: 'customer.updated',
    changes: [{ customerId: relay.customerId, status: 'applied' }],
  });
  expect(relay.patches()).toEqual([
    {
      ...maria,
      ...mariasAddresses,
      AssociateCustom: { Field1: 'gold', Field2: '' },
    },
  ]);
  expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({
    FirstName: 'Maria',
    EmailAddress: 'maria.jensen@example.com',
    PrimaryAddress: mariasAddress,
  });
});

test('only what changed is sent; the same event again does nothing', async () => {
  const { data } = JSON.parse(await sample('customer-updated'));
  const body = await sample('customer-updated', {
    data: { ...data, previous_attributes: { phone: '1', name: 'Mary' } },
  });
  const first = await post(body);
  await relay.outcomeOf(first);
  // Each attempt of Stripe has a time and a signature of its own.
  const second = await post(body, { time: Math.floor(Date.now() / 1000) - 5 });
  expect(await relay.deliveryIdOf(second)).toBe(await relay.deliveryIdOf(first));
  await relay.outcomeOf(second);
  expect(relay.patches()).toEqual([{ PrimaryPhone: '+18015550142' }]);
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
  expect(relay.sandbox.history).toEqual([]);
});

test('a deleted customer is parked for a person', async () => {
  const response = await post(await sample('customer-deleted'));
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'parked',
    topic: 'customer.deleted',
    changes: [{ status: 'parked', reason: 'for-a-person' }],
  });
  expect(relay.sandbox.history).toEqual([]);
});

test.each([
  ['another topic', 200, { type: 'invoice.paid', data: { object: { object: 'invoice' } } }],
  ['an event of test mode, such as a test event of the dashboard', 200, { livemode: false }],
  [
    'an update of nothing that DirectScale has',
    202,
    { data: { object: { id: 'cus_1', object: 'customer' }, previous_attributes: { balance: 1 } } },
  ],
])('%s is acknowledged with %i and ignored', async (_, acknowledged, changes) => {
  const response = await post(await sample('customer-updated', changes));
  expect(response.status).toBe(acknowledged);
  expect(await relay.reportOf(response)).toMatchObject({ status: 'ignored' });
  expect(relay.sandbox.history).toEqual([]);
});

test('a source for test mode takes test mode only', async () => {
  const signing = { source: 'stripe-test', secret: localSecret('stripe-test-signing-secret') };
  const taken = await post(await sample('customer-updated', { livemode: false }), signing);
  expect(await relay.outcomeOf(taken)).toMatchObject({ status: 'applied' });
  const ignored = await post(await sample('customer-updated'), signing);
  expect(await ignored.json()).toMatchObject({ status: 'ignored' });
});

test('a body that is signed, but no event: 400', async () => {
  expect((await post('[1]')).status).toBe(400);
});
