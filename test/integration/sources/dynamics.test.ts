import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariaAsShopper, mariasAddress } from '../../fixtures/maria.ts';
import { call } from '../operator.ts';
import { relayFor } from './relay-for.ts';

/** The Web API of Dataverse: the contact that it has, the answers to come before it, and what was asked for. */
let contact: object | undefined;
const failures: number[] = [];
let asked: string[] = [];
const token = 'a-token-for-tests';
const secret = localSecret('dynamics-webhook-secret');

const relay = relayFor('dynamics', (response, { url: encoded, headers }) => {
  const url = decodeURIComponent(encoded);
  asked.push(url);
  const isWhole = headers.prefer?.includes('FormattedValue') && /\(([0-9a-f-]{36})\)\?\$select=/.test(url);
  const status =
    headers.authorization === `Bearer ${token}` ? (failures.shift() ?? (contact ? 200 : 404)) : 401;
  response.writeHead(isWhole ? status : 400).end(JSON.stringify(status === 200 ? contact : {}));
});
beforeAll(() => relay.vault.set('dataverse-token', token));
beforeEach(() => {
  contact = undefined;
  failures.length = 0;
  asked = [];
});

/** A fixture as if it had been sent for this customer just now, by an operation of its own. */
async function sample(name = 'contact-update'): Promise<string> {
  const text = await readFile(`test/fixtures/dynamics/${name}.json`, 'utf8');
  return text
    .replace('5b1c2f64-0a7b-4d3e-8f0c-2c9a1d4e5f60', randomUUID())
    .replace('"10542"', `"${relay.customerId}"`)
    .replaceAll('1795208602000', String(Date.now()));
}

/** The fixture with only these columns in its Target. */
async function update(target: object, more: object = {}): Promise<string> {
  const context = JSON.parse(await sample());
  context.InputParameters[0].value.Attributes = Object.entries(target).map(([key, value]) => ({
    key,
    value,
  }));
  return JSON.stringify({ ...context, ...more });
}

function post(
  body: string,
  { source = 'dynamics', query = '', headers = { 'x-relay-key': secret } as Record<string, string> } = {},
): Promise<Response> {
  return relay.post(`${source}${query}`, body, {
    'Content-Type': 'application/json; charset=utf-8',
    'x-ms-dynamics-organization': 'contoso.crm.dynamics.com',
    'x-ms-dynamics-entity-name': 'contact',
    'x-ms-dynamics-request-name': 'Update',
    'x-ms-correlation-request-id': randomUUID(),
    ...headers,
  });
}

const tooLarge = { 'x-relay-key': secret, 'x-ms-dynamics-msg-size-exceeded': 'true' };
const contactId = '6d81597f-0f9f-e711-8122-000d3aa2331c';

test('an update is accepted, and its fields arrive', async () => {
  const response = await post(await sample());
  expect(response.status).toBe(202);
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'applied',
    topic: 'contact Update',
    changes: [{ customerId: relay.customerId, recordId: contactId }],
  });
  expect(relay.patches()).toEqual([
    { ...maria, PrimaryAddress: mariasAddress, AssociateCustom: { Field1: 'gold', Field7: '' } },
  ]);
  expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({
    FirstName: 'Maria',
    PrimaryAddress: mariasAddress,
  });
});

test('only what changed is sent; the same message again does nothing', async () => {
  const body = await update({ firstname: 'Maria', telephone1: null, gendercode: { Value: 2 } });
  const first = await post(body);
  await relay.outcomeOf(first);
  const second = await post(body);
  expect(await relay.deliveryIdOf(second)).toBe(await relay.deliveryIdOf(first));
  await relay.outcomeOf(second);
  expect(relay.patches()).toEqual([{ FirstName: 'Maria', PrimaryPhone: '' }]);
});

test('part of an address, without image, is completed from the customer', async () => {
  const idAndImage = { PostEntityImages: [], PreEntityImages: [] };
  const body = await update(
    { address1_postalcode: '84604', new_directscalecustomerid: relay.customerId },
    idAndImage,
  );
  expect(await relay.outcomeOf(await post(body))).toMatchObject({ status: 'applied' });
  expect(relay.patches()).toMatchObject([
    { PrimaryAddress: { Street1: '145 N 200 W', City: 'Provo', PostalCode: '84604', CountryCode: 'US' } },
  ]);
});

test('without the id is parked, with the id of its record', async () => {
  const response = await post(await update({ firstname: 'Maria' }, { PostEntityImages: [] }));
  expect(await relay.outcomeOf(response)).toMatchObject({
    changes: [{ status: 'parked', reason: 'customer-not-found', recordId: contactId }],
  });
});

test('a message of a megabyte is handled', async () => {
  const body = async (length: number) => update({ firstname: 'Maria', description: 'x'.repeat(length) });
  const rest = Buffer.byteLength(await body(0));
  const largest = await body(1_048_576 - rest);
  expect(Buffer.byteLength(largest)).toBe(1_048_576);
  expect(await relay.outcomeOf(await post(largest))).toMatchObject({ status: 'applied' });
  expect(relay.patches()).toEqual([{ FirstName: 'Maria' }]);
  expect((await post(await body(1_048_577 - rest))).status).toBe(413);
});

test('what is not authentic is refused, and nothing is called', async () => {
  const body = await sample();
  const flipped = secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  const refused = [
    await post(body, { headers: {} }),
    await post(body, { headers: { 'x-relay-key': flipped } }),
    await post(body, { headers: {}, query: `?code=${encodeURIComponent(flipped)}` }),
    await post(body, { headers: {}, query: `?key=${encodeURIComponent(flipped)}` }),
    await post(body, { headers: {}, query: '?code=&key=' }),
    await post(body, { headers: {}, query: `?token=${encodeURIComponent(secret)}` }),
    await post(body, {
      source: 'dynamics-reading',
      headers: { 'x-relay-key': localSecret('dynamics-webhook-secret-next') },
    }),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(relay.sandbox.history).toEqual([]);
});

test('each authentication option is accepted, with either secret of a rotation', async () => {
  for (const name of ['dynamics-webhook-secret', 'dynamics-webhook-secret-next']) {
    const value = localSecret(name);
    const accepted = [
      await post(await sample(), { headers: { 'X-Relay-Key': value } }),
      await post(await sample(), { headers: {}, query: `?code=${encodeURIComponent(value)}` }),
      await post(await sample(), { headers: {}, query: `?key=${encodeURIComponent(value)}` }),
    ];
    expect(accepted.map(({ status }) => status)).toEqual([202, 202, 202]);
  }
});

describe('what nobody may apply', () => {
  test('a deletion is parked for a person', async () => {
    const response = await post(await sample('contact-delete'));
    expect(await relay.outcomeOf(response)).toMatchObject({
      status: 'parked',
      changes: [{ reason: 'for-a-person', note: `Delete of contact ${contactId}` }],
    });
    expect(relay.sandbox.history).toEqual([]);
  });

  test.each([
    ['another table', 200, { PrimaryEntityName: 'lead' }],
    ['another message', 200, { MessageName: 'Assign' }],
    ['a user who is to be ignored', 202, { InitiatingUserId: 'AAAAAAAA-e89e-e711-8122-000d3aa2331c' }],
  ])('%s is acknowledged with %i and ignored', async (_, acknowledged, more) => {
    const response = await post(await update({ firstname: 'Maria' }, more));
    expect(response.status).toBe(acknowledged);
    expect(await relay.reportOf(response)).toMatchObject({ status: 'ignored' });
    expect(relay.sandbox.history).toEqual([]);
  });

  test.each(['[1]', '{}', 'text', '{"a":'.repeat(10_000)])('no context: 400', async (body) => {
    expect((await post(body)).status).toBe(400);
  });
});

describe('a message that was too large for its data', () => {
  const cut = () => sample('contact-update.size-exceeded');

  test('is parked for a person where the options name no API', async () => {
    const response = await post(await cut(), { headers: tooLarge });
    expect(await relay.outcomeOf(response)).toMatchObject({
      status: 'parked',
      changes: [{ reason: 'for-a-person', note: expect.stringContaining(`contact ${contactId} changed`) }],
    });
    expect(asked).toEqual([]);
  });

  const answer = async () => ({
    ...JSON.parse(await readFile('test/fixtures/dynamics/web-api.contact.response.json', 'utf8')),
    new_directscalecustomerid: relay.customerId,
    modifiedon: new Date().toISOString(),
  });

  test('is read from the Web API, also when that is down at first', async () => {
    contact = await answer();
    failures.push(503, 429);
    const response = await post(await cut(), { source: 'dynamics-reading', headers: tooLarge });
    const { changes } = await relay.outcomeOf(response);
    expect(changes).toMatchObject([{ status: 'applied', customerId: relay.customerId, recordId: contactId }]);
    expect(changes[0]?.attempts).toMatchObject([{ status: 503 }, { status: 429 }, { outcome: 'applied' }]);
    // What is empty there is not sent: nobody said that it was cleared.
    expect(relay.patches()).toEqual([
      {
        ...mariaAsShopper,
        TextPhone: maria.TextPhone,
        BirthDate: maria.BirthDate,
        PrimaryAddress: mariasAddress,
      },
    ]);
    expect(new Set(asked).size).toBe(1);
    expect(asked[0]).toMatch(
      /^\/api\/data\/v9\.2\/contacts\(6d81597f-0f9f-e711-8122-000d3aa2331c\)\?\$select=modifiedon,new_directscalecustomerid,firstname,.*_parentcustomerid_value/,
    );
  });

  test('of a contact that is gone ends as ignored', async () => {
    const response = await post(await cut(), { source: 'dynamics-reading', headers: tooLarge });
    expect(await relay.outcomeOf(response)).toMatchObject({
      changes: [{ status: 'ignored', reason: 'the record is gone' }],
    });
  });

  test('that was parked is applied by a replay once the contact can be read', async () => {
    contact = { unexpected: true };
    const response = await post(await cut(), { source: 'dynamics-reading', headers: tooLarge });
    const { changes, deliveryId } = await relay.outcomeOf(response);
    expect(changes).toMatchObject([{ status: 'parked', reason: 'retries-exhausted' }]);
    contact = await answer();
    const replayed = await call(relay.host.url, `deliveries/${deliveryId}/replay`, { method: 'POST' });
    expect((await relay.outcomeOf(replayed)).status).toBe('applied');
    expect(relay.patches()).toHaveLength(1);
  });
});

test('no secret is in the log', () => {
  expect(relay.host.log()).not.toContain(secret);
  expect(relay.host.log()).not.toContain(token);
});
