import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariasAddress } from '../../fixtures/maria.ts';
import { changesOf } from '../operator.ts';
import { type DeliveryReport, newCustomer } from '../relay-under-test.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('salesforce');
const message = await readFile('test/fixtures/salesforce/outbound-message.contact.xml', 'utf8');
const secret = localSecret('salesforce-webhook-secret');
const newId = () => `04l${randomUUID().replaceAll('-', '').slice(0, 15)}`;

/** The fixture as if it had been sent for this customer just now. */
const sample = (customer = relay.customerId) =>
  message
    .replace('04l7F000008aeAyQAI', newId())
    .replace('>10542<', `>${customer}<`)
    .replaceAll('2026-11-20T21:03:22.000Z', new Date().toISOString());

const notificationOf = (xml: string) => /<Notification>[\s\S]*<\/Notification>/.exec(xml)?.[0] ?? '';

function post(
  body: string | Buffer<ArrayBuffer>,
  { query = `?key=${encodeURIComponent(secret)}`, headers = {} as Record<string, string> } = {},
): Promise<Response> {
  return relay.post(`salesforce${query}`, body, {
    'Content-Type': 'text/xml; charset=utf-8',
    SOAPAction: '""',
    ...headers,
  });
}

/** That the answer is the one success that Salesforce knows. */
async function expectAck(response: Response): Promise<void> {
  const text = await response.clone().text();
  expect([response.status, text]).toEqual([200, expect.stringContaining('<Ack>true</Ack>')]);
  expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
  expect(text.match(/<Ack>/g)).toHaveLength(1);
}

/** What became of a message, whose answer does not tell. */
async function reportOf(response: Response): Promise<DeliveryReport> {
  await expectAck(response);
  return relay.reportOf(response);
}

describe('an outbound message', () => {
  test('is acknowledged, and its fields arrive', async () => {
    const report = await reportOf(await post(sample()));
    expect(report).toMatchObject({
      status: 'applied',
      topic: 'Contact',
      changes: [{ customerId: relay.customerId, recordId: '0037F00002abcDEQAY' }],
    });
    expect(relay.patches()).toEqual([
      { ...maria, PrimaryAddress: mariasAddress, AssociateCustom: { Field1: 'gold' } },
    ]);
    expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({
      FirstName: 'Maria',
      EmailAddress: 'maria.jensen@example.com',
      PrimaryAddress: mariasAddress,
    });
  });

  test('that comes again is acknowledged and does nothing', async () => {
    const body = sample();
    const first = await post(body);
    await reportOf(first);
    const second = await post(body);
    expect((await reportOf(second)).deliveryId).toBe(await relay.deliveryIdOf(first));
    expect(relay.patches()).toHaveLength(1);
  });

  test('of 100 notifications, of a megabyte, makes 100 changes and one Ack', async () => {
    const customers = Array.from({ length: 100 }, () => newCustomer(relay));
    const bulk = `<sf:Description>${'Ærø & Fyn '.replace('&', '&amp;').repeat(550)}</sf:Description>`;
    const notifications = customers.map((customer, n) =>
      notificationOf(sample(customer))
        .replace('>Maria<', `>Maria ${n}<`)
        .replace('0037F00002abcDEQAY', `0037F00002abc${String(n).padStart(3, '0')}QA`)
        .replace(/<sf:DirectScale_Field.*\n/g, '')
        .replace('</sObject>', `${bulk}</sObject>`),
    );
    const body = message.replace(/<Notification>[\s\S]*<\/Notification>/, notifications.join('\n'));
    const bytes = Buffer.from(body);
    expect(bytes.byteLength).toBeGreaterThan(1_000_000);
    expect(bytes.byteLength).toBeLessThan(1_048_576);

    const response = await post(bytes);
    const { status, changes } = await reportOf(response);
    expect([status, changes.length]).toEqual(['applied', 100]);
    expect(changes.map((change) => change.customerId).sort()).toEqual([...customers].sort());
    for (const [n, customer] of customers.entries())
      expect(relay.patches(customer)).toMatchObject([{ FirstName: `Maria ${n}` }]);
  }, 120_000);

  test('with notifications that nobody can apply: the others are applied, without a field that is wrong', async () => {
    const another = newCustomer(relay);
    const gone = notificationOf(sample()).replace(/<sObject[\s\S]*<\/sObject>/, '');
    const wrongPhone = notificationOf(sample(another)).replace('(801) 555-0142', 'call me');
    const wrongId = notificationOf(sample('somebody'));
    const other = notificationOf(sample()).replace('sf:Contact', 'sf:Opportunity');
    const more = `${gone}${wrongPhone}${wrongId}${other}`;
    const body = sample().replace('</notifications>', `${more}</notifications>`);
    const { changes } = await reportOf(await post(body));
    expect(changes).toMatchObject([
      { status: 'applied', customerId: relay.customerId },
      { status: 'parked', reason: 'for-a-person', note: expect.stringContaining('deleted') },
      { status: 'applied', customerId: another, leftOut: [{ path: 'PrimaryPhone' }] },
      { status: 'parked', reason: 'unmappable' },
    ]);
    expect(relay.patches()).toMatchObject([{ PrimaryPhone: maria.PrimaryPhone }]);
    expect(relay.patches(another)).toMatchObject([{ FirstName: 'Maria' }]);
    expect(relay.patches(another)[0]).not.toHaveProperty('PrimaryPhone');
  });

  test('about another object is acknowledged and ignored', async () => {
    expect(await reportOf(await post(sample().replace('sf:Contact', 'sf:Opportunity')))).toMatchObject({
      status: 'ignored',
    });
    expect(relay.sandbox.history).toEqual([]);
  });

  test('of a user who is to be ignored is acknowledged and ignored', async () => {
    const body = sample().replace('0057F000001abcdQAA', '0057F000000relayAA');
    expect(await reportOf(await post(body))).toMatchObject({ status: 'ignored' });
    expect(relay.sandbox.history).toEqual([]);
  });

  test('that cannot be acknowledged has no Ack: it comes again', async () => {
    const withSession = sample().replace('<SessionId xsi:nil="true"/>', '<SessionId>00D!secret</SessionId>');
    const response = await post(withSession);
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).toContain('Send Session ID');
    expect(text).not.toMatch(/Ack|secret/);
    expect(relay.host.log()).not.toContain('00D!secret');
  });
});

test('what is not authentic is refused, and nothing is called', async () => {
  const body = sample();
  const flipped = secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  const refused = [
    await post(body, { query: '' }),
    await post(body, { query: '?key=' }),
    await post(body, { query: `?key=${encodeURIComponent(flipped)}` }),
    await post(body, { query: '', headers: { 'X-Relay-Key': flipped } }),
    // Another organization, also where only the letters' case differs.
    await post(body.replace('>00D7F00000107XsUAI<', '>00D7F00000107XtUAI<')),
    await post(body.replace('>00D7F00000107XsUAI<', '>00D7F00000107xsUAI<')),
    // Not read before the secret is known.
    await post('<!DOCTYPE a><a/>', { query: '?key=wrong' }),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(relay.sandbox.history).toEqual([]);
});

test('the second secret of a rotation is accepted, in the query or in a header', async () => {
  const next = localSecret('salesforce-webhook-secret-next');
  await reportOf(await post(sample(), { query: `?key=${encodeURIComponent(next)}` }));
  await reportOf(await post(sample(), { query: '', headers: { 'X-Relay-Key': next } }));
});

describe('hostile XML that comes with the secret is a 400, quickly:', () => {
  const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join(
    '',
  );
  const bomb = `<!DOCTYPE a [<!ENTITY e0 "ha">${laughs}]>`;
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  const cases: [string, (xml: string) => string | Buffer<ArrayBuffer>][] = [
    ['a DTD', (xml) => xml.replace(declaration, '$&<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">')],
    ['an entity bomb', (xml) => xml.replace(declaration, `$&${bomb}`).replace('>Maria<', '>&e9;<')],
    [
      'an external entity',
      (xml) =>
        xml
          .replace(declaration, '$&<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>')
          .replace('>Maria<', '>&e;<'),
    ],
    ['an entity that nobody declared', (xml) => xml.replace('>Maria<', '>&e;<')],
    [
      '100,000 levels',
      (xml) => xml.replace('>Maria<', `>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}<`),
    ],
    ['another charset that it says', (xml) => xml.replace('UTF-8', 'ISO-8859-1')],
    ['another charset that it does not say', (xml) => Buffer.from(xml.replace('Maria', 'María'), 'latin1')],
    ['UTF-16', (xml) => Buffer.from(`\ufeff${xml}`, 'utf16le')],
    ['an end too early', (xml) => xml.slice(0, -30)],
    [
      '40,000 attributes, one of them twice',
      (xml) =>
        xml.replace(
          '<sf:FirstName',
          `$& ${Array.from({ length: 40_000 }, (_, n) => `a${n}=""`).join(' ')} a1=""`,
        ),
    ],
  ];
  test.each(cases)('%s', async (_, change) => {
    const body = change(sample());
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.text()).not.toMatch(/Maria|root:/);
  });

  test('too much is a 413', async () => {
    expect((await post(`${sample()}<!--${'a'.repeat(1_100_000)}-->`)).status).toBe(413);
  });
});

describe('a change event that a middleware posts', () => {
  const event = async (name: string, header: object = {}, fields: object = {}) => {
    const { payload, ...rest } = JSON.parse(await readFile(`test/fixtures/salesforce/${name}.json`, 'utf8'));
    const ChangeEventHeader = {
      ...payload.ChangeEventHeader,
      transactionKey: randomUUID(),
      commitTimestamp: Date.now(),
      ...header,
    };
    return JSON.stringify({ ...rest, payload: { ...payload, ...fields, ChangeEventHeader } });
  };
  const postEvent = (body: string) =>
    post(body, { query: '', headers: { 'Content-Type': 'application/json', 'X-Relay-Key': secret } });

  test('part of an address is completed from the customer', async () => {
    const before = relay.sandbox.customers.get(relay.customerId)?.PrimaryAddress as object;
    const body = await event('cdc.contact-update', {}, { DirectScale_Customer_Id__c: relay.customerId });
    const outcome = await relay.outcomeOf(await postEvent(body));
    expect(outcome).toMatchObject({ status: 'applied', topic: 'Contact UPDATE' });
    expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({
      FirstName: 'Maria',
      PrimaryAddress: { ...before, Street1: '2600 Executive Pkwy', Street2: 'Suite 400', City: 'Lehi' },
    });
    expect(relay.patches()).toMatchObject([{ PrimaryAddress: { City: 'Lehi' } }]);
  });

  test('without the id is parked, with the id of its record', async () => {
    const { changes } = await relay.outcomeOf(await postEvent(await event('cdc.contact-update')));
    expect(changes).toMatchObject([
      { status: 'parked', reason: 'customer-not-found', recordId: '0037F00002abcDEQAY' },
    ]);
  });

  test('a deletion is parked for a person; another object is ignored', async () => {
    const deleted = await postEvent(
      await event('cdc.contact-update', { changeType: 'DELETE', changedFields: [] }),
    );
    expect(await relay.outcomeOf(deleted)).toMatchObject({
      status: 'parked',
      changes: [{ reason: 'for-a-person', note: 'DELETE of Contact 0037F00002abcDEQAY' }],
    });
    const other = await postEvent(await event('cdc.contact-update', { entityName: 'Lead' }));
    expect([other.status, await other.json()]).toMatchObject([200, { status: 'ignored' }]);
    expect(relay.sandbox.history).toEqual([]);
  });

  test('by a user who is to be ignored is ignored', async () => {
    const header = { commitUser: '0057F000000relayAA' };
    const response = await postEvent(
      await event('cdc.contact-update', header, { DirectScale_Customer_Id__c: relay.customerId }),
    );
    expect(await relay.outcomeOf(response)).toMatchObject({ status: 'ignored' });
  });

  test.each(['{"a":'.repeat(10_000), '[]', 'text'])('that is none: 400', async (body) => {
    expect((await postEvent(body)).status).toBe(400);
  });
});

test('no secret is in the log, and nothing that was refused is recorded', async () => {
  expect(relay.host.log()).not.toContain(secret);
  const before = (await changesOf(relay.host.url)).length;
  await post('<!DOCTYPE a><a/>');
  expect(await changesOf(relay.host.url)).toHaveLength(before);
});
