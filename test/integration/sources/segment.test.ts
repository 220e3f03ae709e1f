import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariasAddress } from '../../fixtures/maria.ts';
import { newCustomer } from '../relay-under-test.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('segment');

interface Call {
  readonly traits: Readonly<Record<string, unknown>>;
}

/** The fixture as if it had been sent for this customer just now, with other members. */
async function call(changes: object = {}): Promise<Call> {
  const event = JSON.parse(await readFile('test/fixtures/segment/identify.json', 'utf8'));
  return {
    ...event,
    userId: relay.customerId,
    messageId: randomUUID(),
    timestamp: new Date().toISOString(),
    traits: { ...event.traits, directscale_customer_id: relay.customerId },
    ...changes,
  };
}

interface Sending {
  readonly source?: string;
  readonly secret?: string;
  readonly headers?: Record<string, string>;
}

function signatureOf(content: string, secret = localSecret('segment-shared-secret')): string {
  return createHmac('sha1', secret).update(content).digest('hex');
}

function post(body: string, signature: string, { source = 'segment', headers = {} }: Sending = {}) {
  return relay.post(source, body, {
    'User-Agent': 'Segment.io/1.0',
    'X-Signature': signature,
    ...headers,
  });
}

function send(event: object, sending: Sending = {}): Promise<Response> {
  const body = JSON.stringify(event);
  return post(body, signatureOf(body, sending.secret), sending);
}

/** As Segment's destination does it: signed over the first event alone. */
function sendBatch(events: readonly object[], sending: Sending = {}): Promise<Response> {
  return post(JSON.stringify(events), signatureOf(JSON.stringify(events[0]), sending.secret), sending);
}

const batches = {
  source: 'segment-batches',
  headers: { 'x-relay-key': localSecret('segment-header-secret') },
};

const address = { ...mariasAddress, Street2: '' };
const fields = { ...maria, PrimaryAddress: address, AssociateCustom: { Field1: 'gold' } };

test('a signed identify call is accepted, and its fields arrive', async () => {
  const response = await send(await call());
  expect(response.status).toBe(202);
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'applied',
    topic: 'identify',
    changes: [{ customerId: relay.customerId, status: 'applied' }],
  });
  expect(relay.patches()).toEqual([fields]);
  expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({
    FirstName: 'Maria',
    PrimaryAddress: address,
  });
});

test('the same message again does nothing', async () => {
  const event = await call();
  const first = await send(event);
  await relay.outcomeOf(first);
  const again = await send(event);
  expect(await relay.deliveryIdOf(again)).toBe(await relay.deliveryIdOf(first));
  expect(relay.patches()).toHaveLength(1);
});

test('the second secret of a rotation is accepted', async () => {
  const response = await send(await call(), { secret: localSecret('segment-shared-secret-next') });
  expect((await relay.outcomeOf(response)).status).toBe('applied');
});

test('what is not authentic is refused, and nothing is called', async () => {
  const event = await call();
  const body = JSON.stringify(event);
  const signature = signatureOf(body);
  const flipped = signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const batch = JSON.stringify([event, event]);
  const refused = [
    await post(body.replace('Maria', 'Marie'), signature),
    await post(`${body} `, signature),
    await post(body, flipped),
    await post(body, ''),
    await send(event, { secret: 'another' }),
    await post(batch.replace('Maria', 'Marie'), signature),
    await post(batch, flipped),
    await sendBatch([event, event], { ...batches, headers: {} }),
    await sendBatch([event, event], { ...batches, headers: { 'x-relay-key': 'another' } }),
    await post(batch, flipped, batches),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(relay.sandbox.history).toEqual([]);
});

test('a batch with the header: each call is applied, one that cannot be is parked, others count for nothing', async () => {
  const another = newCustomer(relay);
  const response = await sendBatch(
    [
      await call(),
      await call({ userId: another, traits: { first_name: 'Seán', last_name: "O'Neill" } }),
      await call({ userId: 'somebody', traits: { firstName: 'Nobody' } }),
      await call({ type: 'track', event: 'Order Completed' }),
      { type: 'delete', userId: another },
    ],
    batches,
  );
  const { changes } = await relay.outcomeOf(response);
  expect(changes).toMatchObject([
    { status: 'applied', customerId: relay.customerId },
    { status: 'applied', customerId: another },
    { status: 'parked', reason: 'unmappable' },
    { status: 'parked', reason: 'for-a-person' },
  ]);
  expect(relay.patches()).toEqual([fields]);
  expect(relay.patches(another)).toEqual([{ FirstName: 'Seán', LastName: "O'Neill" }]);
});

test('a batch without the header: what is not signed never reaches DirectScale', async () => {
  const another = newCustomer(relay);
  const traits = { directscale_customer_id: another, firstName: 'Seán' };
  const response = await sendBatch([await call(), await call({ traits }), await call({ traits })]);
  expect((await relay.outcomeOf(response)).changes).toMatchObject([
    { status: 'applied', customerId: relay.customerId },
    { status: 'parked', reason: 'for-a-person', note: expect.stringMatching(/^2 more in the batch/) },
  ]);
  expect(relay.patches(another)).toEqual([]);
});

test('a request to delete somebody is parked for a person', async () => {
  const response = await send(JSON.parse(await readFile('test/fixtures/segment/delete.json', 'utf8')));
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'parked',
    topic: 'delete',
    changes: [{ reason: 'for-a-person' }],
  });
  expect(relay.sandbox.history).toEqual([]);
});

test.each([
  ['another call', 200, { type: 'track' }],
  ['an anonymous visitor', 200, { userId: null }],
  ['nothing that DirectScale has', 202, { traits: { plan: 'premium' } }],
])('%s is acknowledged with %i and ignored', async (_, acknowledged, changes) => {
  const response = await send(await call(changes));
  expect(response.status).toBe(acknowledged);
  expect(await relay.reportOf(response)).toMatchObject({ status: 'ignored' });
  expect(relay.sandbox.history).toEqual([]);
});

test('somebody whose userId is not linked to a customer is parked', async () => {
  const response = await send(await call({ userId: randomUUID(), traits: { firstName: 'Maria' } }));
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'customer-not-found' }],
  });
});

test('a body that is signed, but no event: 400', async () => {
  expect((await send([])).status).toBe(400);
  expect((await send({ userId: '1' })).status).toBe(400);
});
