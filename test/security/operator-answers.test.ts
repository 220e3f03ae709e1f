import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { call, changesOf, untilNothingIsPending } from '../integration/operator.ts';
import { newCustomer, patchCustomer, postCanonical, startRelay } from '../integration/relay-under-test.ts';

/** What is a customer's: none of it may be in what an operator sees without asking for values. */
const values = {
  FirstName: 'Ottilie',
  LastName: 'Quarkwell',
  CompanyName: 'Quarkwell Tea Traders',
  EmailAddress: 'ottilie.quarkwell@example.com',
  PrimaryPhone: '+1 801 555 0142',
  BirthDate: '1971-04-23',
  TaxId: '912-73-4471',
};
const address = {
  Street1: '17 Hollyhock Lane',
  Street2: 'Flat 9b',
  City: 'Lehi',
  Region: 'UT',
  PostalCode: '84043-1971',
  CountryCode: 'US',
};
const unreadable = { EmailAddress: 'at Ottilies place', BirthDate: 'in the spring of 71' };
const secret = [
  ...Object.values(values),
  ...Object.values(unreadable),
  address.Street1,
  address.Street2,
  address.PostalCode,
  '8015550142',
];
const recordId = 'ottilie.quarkwell.record@example.com';
const somebodyElse = 'perpetua.finch@example.com';

let stack: Stack;
let customerId: string;
const answers = new Map<string, string>();

/** An answer as a whole; it must be a success. */
async function get(path: string, init: RequestInit = {}): Promise<string> {
  const response = await call(stack.host.url, path, init);
  const text = await response.text();
  expect([path, response.ok, text.length]).toEqual([path, true, expect.any(Number)]);
  return text;
}

beforeAll(async () => {
  stack = await startRelay({ RETRY_SCHEDULE: '100 ms', DIRECTSCALE_SETTLE_MS: '200' });
  customerId = newCustomer(stack);
  const fields = { ...values, PrimaryAddress: address, AssociateCustom: { Field1: 'Ottilie' } };
  const send = async (change: object) => {
    const answer = await postCanonical(stack, change);
    expect(answer.status).toBe(202);
  };
  // Written; with fields left out; refused with its values repeated; nobody found; not mappable; no such customer.
  await send({ customer: { customerId }, fields });
  await send({ customer: { customerId: newCustomer(stack) }, fields: { ...values, ...unreadable } });
  const refused = newCustomer(stack);
  const words = { Message: `${values.LastName} of ${values.PrimaryPhone} is not valid` };
  stack.sandbox.fault({ status: 400, body: words, match: { customerId: refused, field: 'LastName' } });
  await send({ customer: { customerId: refused }, fields });
  const other = newCustomer(stack);
  stack.sandbox.fault({ status: 400, body: words, match: { customerId: other, field: 'LastName' } });
  await send({ customer: { customerId: other }, fields: { LastName: values.LastName } });
  // Words that name somebody else: a value that was not sent.
  const taken = newCustomer(stack);
  const headers = { 'X-DirectScale-Message': `the name is already that of ${somebodyElse}` };
  stack.sandbox.fault({ status: 400, headers, match: { customerId: taken, field: 'LastName' } });
  await send({ customer: { customerId: taken }, fields: { LastName: values.LastName } });
  await send({ customer: { emailAddress: 'nobody.quarkwell@example.com' }, recordId, fields });
  await send({ customer: { customerId: values.LastName }, fields: { Nickname: values.FirstName } });
  await send({ customer: { customerId: '99999821' }, fields });
  await untilNothingIsPending(stack.host.url);
  await patchCustomer(stack, customerId, { FirstName: values.FirstName });

  const issues = JSON.parse(await get('issues')) as { issues: { id: string; reason: string }[] };
  const reasons = issues.issues.map(({ reason }) => reason);
  expect(reasons).toEqual(expect.arrayContaining(['unmappable', 'rejected', 'customer-not-found']));
  const put = (body: object) => ({ method: 'PUT', body: JSON.stringify(body) });
  await get('pauses/source:shopify', put({ note: `of ${recordId}` }));
  await get(`links/in-house/${encodeURIComponent(recordId)}`, put({ customerId }));
  for (const { id } of issues.issues) {
    answers.set(`replay ${id}`, await get(`issues/${id}/replay?dryRun=true`, { method: 'POST' }));
    await get(`issues/${id}/mute`, { method: 'PUT' });
  }
  const changes = await changesOf(stack.host.url);
  const paths = [
    'issues',
    'counts',
    'sources',
    'acts',
    'pauses',
    'health/details',
    'deliveries?limit=500',
    'deliveries?leftOut=true',
    `deliveries?record=${encodeURIComponent(recordId)}`,
    `customers/${customerId}`,
    `customers/${customerId}/comparison`,
    ...changes.map(({ deliveryId }) => `deliveries/${deliveryId}/remapped`).slice(1),
  ];
  for (const path of paths) answers.set(path, await get(path));
}, 90_000);
afterAll(() => stack?.stop());

function expectNoValue(what: string, text: string): void {
  for (const value of secret) expect([what, text.includes(value)], value).toEqual([what, false]);
}

test('no answer that an operator gets holds a value of a customer, unless it asks for values', () => {
  expect(answers.size).toBeGreaterThan(15);
  for (const [path, text] of answers) expectNoValue(path, text);
  // It has looked where values are: they are shown to whom asks.
  expect(answers.get(`customers/${customerId}/comparison`)).toContain('"FirstName"');
});

test('lists hold no e-mail address, also where it is the id of a record', () => {
  for (const path of ['issues', 'acts', 'pauses', 'deliveries?limit=500', `customers/${customerId}`])
    for (const email of [recordId, somebodyElse])
      expect([path, answers.get(path)?.includes(email)]).toEqual([path, false]);
  expect(answers.get('acts')).toContain('set-link');
  expect(answers.get('issues')).toContain('the name is already that of [e-mail address]');
});

test('values that are asked for are shown, and each time it is noted', async () => {
  const before = await changesOf(stack.host.url, { status: 'applied', customer: customerId });
  const { deliveryId = '' } = before.at(-1) ?? {};
  const comparison = await get(`customers/${customerId}/comparison?values=true`);
  expect(comparison).toContain(values.LastName);
  expect(await get(`deliveries/${deliveryId}?body=true`)).toContain(values.LastName);
  await get(`deliveries/${deliveryId}/remapped?values=true`);
  await get('preview/in-house/draft', { method: 'POST', body: JSON.stringify({ deliveryId }) });
  const { acts } = JSON.parse(await get('acts?act=show-values')) as { acts: { subject: string }[] };
  expect(acts.map(({ subject }) => subject)).toEqual([
    `delivery ${deliveryId}`,
    `delivery ${deliveryId}`,
    `delivery ${deliveryId}`,
    `customer ${customerId}`,
  ]);
});

test('no row that is kept for lists, issues, counts or acts holds a value, nor does the log', async () => {
  let rows = 0;
  for (const name of ['relayopen', 'relayoperator']) {
    const table = TableClient.fromConnectionString(stack.env.AzureWebJobsStorage ?? '', name, {
      allowInsecureConnection: true,
    });
    for await (const row of table.listEntities()) {
      expectNoValue(name, JSON.stringify(row));
      rows++;
    }
  }
  expect(rows).toBeGreaterThan(15);
  expectNoValue('log', stack.host.log());
});
