import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patchesOf } from '../relay-under-test.ts';
import { crmCases } from './crm-cases.ts';
import { hubspot, zoho } from './crm-senders.ts';
import { type RelayWithVendors, startRelayWithVendors } from './relay-with-vendors.ts';
import type { Sent } from './wires.ts';

let relay: RelayWithVendors;
beforeAll(async () => {
  relay = await startRelayWithVendors();
});
afterAll(() => relay?.stop());

const json = (body: unknown): Sent => ({ body: JSON.stringify(body) });

test.each(crmCases)('$source, $fault', async ({ source, held, send, written, told = [], parked }) => {
  const id = relay.newCustomer();
  Object.assign(relay.sandbox.customers.get(id)?.PrimaryAddress ?? {}, held);
  let became = await relay.follow(source, send[0]?.(id) ?? json({}), id);
  for (const next of send.slice(1)) became = await relay.follow(source, next(id), id);
  expect(Object.assign({}, ...became.patches)).toEqual(written);
  expect(became.changes).toHaveLength(1);
  const [change] = became.changes;
  expect(change).toMatchObject(parked ? { status: 'parked', reason: parked.reason } : { status: 'applied' });
  expect((change?.leftOut ?? []).map(({ path }) => path)).toEqual(told);
  const { violations } = parked ?? {};
  if (violations) {
    // Who it is about is told, too, where it could be read.
    expect(change).toMatchObject({ customerId: id, recordId: id });
    expect(change?.violations.map(({ path }) => path)).toEqual(violations);
  }
});

const gridEvent = (data: object) => ({
  id: randomUUID(),
  topic: 't',
  eventType: 'Contoso.Customers.CustomerUpdated',
  eventTime: new Date().toISOString(),
  data,
});

test('event-grid, F13: a bad element keeps no other customer out', async () => {
  const [ada, other] = [relay.newCustomer(), relay.newCustomer()];
  const events = [
    gridEvent({ customerId: ada, firstName: 'Ada' }),
    gridEvent({ customerId: other, email: 'bad' }),
  ];
  const { changes } = await relay.follow('event-grid', json(events), ada);
  expect(changes).toMatchObject([
    { customerId: ada, status: 'applied' },
    { customerId: other, status: 'parked', violations: [{ path: 'EmailAddress' }] },
  ]);
  expect(patchesOf(relay, ada)).toEqual([{ FirstName: 'Ada' }]);
});

test('canonical, F15: a bad field of the one in the middle keeps out nothing but itself', async () => {
  const ids = [relay.newCustomer(), relay.newCustomer(), relay.newCustomer()];
  const given = ids.map((customerId, index) => ({
    customer: { customerId },
    fields: { FirstName: `Nia ${index}`, ...(index === 1 && { LanguageCode: 'klingon' }) },
  }));
  const { changes } = await relay.follow('canonical', json(given), '');
  expect(changes.map(({ status, leftOut }) => [status, leftOut?.map(({ path }) => path)])).toEqual([
    ['applied', undefined],
    ['applied', ['LanguageCode']],
    ['applied', undefined],
  ]);
  expect(ids.map((id) => patchesOf(relay, id))).toEqual(
    ids.map((_, index) => [{ FirstName: `Nia ${index}` }]),
  );
});

test('event-grid: the validation of a subscription is answered where a proxy took its header away', async () => {
  const validation = {
    ...gridEvent({ validationCode: 'code-of-the-subscription' }),
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  };
  const response = await relay.post('event-grid', {
    ...json([validation]),
    withoutHeaders: ['aeg-event-type'],
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ validationResponse: 'code-of-the-subscription' });
});

test.each([
  ['5', 5],
  ['null', null],
  ['a text', 'x'],
  ['no object', []],
  ['nothing', {}],
])('hubspot: a batch with %s in it: the contacts before and behind it are written', async (_, bad) => {
  const ids = [relay.newCustomer(), relay.newCustomer()];
  const sent = ids.map((id) => hubspot({ firstname: `Nia ${id}` })(id));
  const events = sent.map(({ body }) => JSON.parse(body)[0]);
  const records = Object.assign({}, ...sent.map(({ records: told }) => told));
  const body = JSON.stringify([events[0], bad, events[1]]);
  const { changes } = await relay.follow('hubspot', { body, records }, '');
  const statuses = changes.map(({ status }) => status);
  expect(statuses.toSorted()).toEqual(['applied', 'applied', 'parked'].slice(0, statuses.length));
  expect(ids.map((id) => patchesOf(relay, id))).toEqual(ids.map((id) => [{ FirstName: `Nia ${id}` }]));
});

test('zoho: of several ids one that cannot be read keeps no other record out', async () => {
  const ids = [relay.newCustomer(), relay.newCustomer()];
  const sent = ids.map((id) => zoho({ First_Name: `Nia ${id}` })(id));
  const notification = JSON.parse(sent[0]?.body ?? '{}');
  const records = Object.assign({}, ...sent.map(({ records: told }) => told));
  const body = JSON.stringify({ ...notification, ids: [ids[0], { id: 'x' }, ids[1]] });
  const { changes } = await relay.follow('zoho', { body, records }, '');
  expect(changes.map(({ status }) => status)).toEqual(['applied', 'applied', 'parked']);
  expect(ids.map((id) => patchesOf(relay, id))).toEqual(ids.map((id) => [{ FirstName: `Nia ${id}` }]));
});
