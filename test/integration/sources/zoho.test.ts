import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariasAddresses } from '../../fixtures/maria.ts';
import { type DeliveryReport, newCustomer } from '../relay-under-test.ts';
import { relayFor } from './relay-for.ts';

const contact = JSON.parse(await readFile('test/fixtures/zoho/contact.response.json', 'utf8'));
const sample = JSON.parse(await readFile('test/fixtures/zoho/contacts-update.notification.json', 'utf8'));
const channelToken = localSecret('zoho-channel-token');

/** Zoho's API: the records by id, the answers to come before them, and which records were asked for. */
const records = new Map<string, Record<string, unknown>>();
const failures: number[] = [];
let asked: string[] = [];
const accessToken = '1000.access.token';

const relay = relayFor('zoho', (response, { url, headers, body }) => {
  if (url === '/oauth/v2/token') {
    const isRight = new URLSearchParams(body).get('refresh_token') === localSecret('zoho-refresh-token');
    const answer = isRight ? { access_token: accessToken, expires_in: 3600 } : { error: 'invalid_code' };
    response.end(JSON.stringify(answer));
    return;
  }
  const [, id = ''] = /^\/crm\/v8\/Contacts\/(\d+)$/.exec(url) ?? [];
  asked.push(id);
  const record = records.get(id);
  const isRight = headers.authorization === `Zoho-oauthtoken ${accessToken}`;
  const status = isRight ? (failures.shift() ?? (record ? 200 : 204)) : 401;
  response.writeHead(status).end(status === 200 ? JSON.stringify({ data: [record] }) : undefined);
});
beforeEach(() => {
  records.clear();
  failures.length = 0;
  asked = [];
});

let lastRecord = 3_652_397_000_000_649_000n;

/** A contact of Zoho's with the customer that it belongs to, changed just now. */
function newContact(more: object = {}): { record: string; customerId: string } {
  const record = String(++lastRecord);
  const customerId = newCustomer(relay);
  records.set(record, {
    ...contact.data[0],
    id: record,
    DirectScale_Customer_Id: customerId,
    Modified_Time: new Date().toISOString(),
    ...more,
  });
  return { record, customerId };
}

let lastTime = Date.now();
const notification = (ids: readonly string[], more: object = {}) => ({
  ...sample,
  ids,
  server_time: ++lastTime,
  token: channelToken,
  ...more,
});

function post(payload: unknown): Promise<Response> {
  return relay.post('zoho', typeof payload === 'string' ? payload : JSON.stringify(payload));
}

/** What became of a delivery that was taken with Zoho's form of success. */
async function outcomeOf(response: Response): Promise<DeliveryReport> {
  expect(response.status).toBe(200);
  return relay.reportOf(response);
}

describe('a notification', () => {
  test('names the record: it is read, and its fields arrive', async () => {
    const { record, customerId } = newContact();
    expect((await outcomeOf(await post(notification([record])))).status).toBe('applied');
    expect(asked).toEqual([record]);
    expect(relay.patches(customerId)).toEqual([
      { ...maria, ...mariasAddresses, AssociateCustom: { Field1: 'gold', Field7: '7' } },
    ]);
  });

  test('with the names of what changed: these, and what was emptied is cleared', async () => {
    const { record, customerId } = newContact({ Last_Name: null });
    const values = { First_Name: 'Maria', Last_Name: null };
    const affected_values = [{ record_id: record, values }];
    await outcomeOf(await post(notification([record], { affected_values })));
    expect(relay.patches(customerId)).toEqual([{ FirstName: 'Maria', LastName: '' }]);
  });

  test('of several records makes a change of each', async () => {
    const people = Array.from({ length: 5 }, () => newContact());
    const response = await post(
      notification(
        people.map(({ record }) => record),
        { affected_fields: ['First_Name'] },
      ),
    );
    const { changes } = await outcomeOf(response);
    expect(changes.map(({ customerId }) => customerId)).toEqual(people.map(({ customerId }) => customerId));
    for (const { customerId } of people) expect(relay.patches(customerId)).toEqual([{ FirstName: 'Maria' }]);
  });

  test('of a change of the address sends it whole', async () => {
    const { record, customerId } = newContact();
    await outcomeOf(await post(notification([record], { affected_fields: ['Mailing_City'] })));
    expect(relay.patches(customerId)).toEqual([mariasAddresses]);
  });

  test('that comes again does nothing', async () => {
    const { record } = newContact();
    const body = JSON.stringify(notification([record]));
    await outcomeOf(await post(body));
    expect((await post(body)).status).toBe(200);
    await outcomeOf(await post(notification([record])));
    expect(asked).toEqual([record, record]);
  });

  test('waits for Zoho, and reads the record again', async () => {
    const { record, customerId } = newContact();
    failures.push(503, 429);
    const { changes } = await outcomeOf(
      await post(notification([record], { affected_fields: ['First_Name'] })),
    );
    expect(changes[0]?.attempts).toMatchObject([
      { outcome: 'unavailable', reason: 'vendor-unavailable', status: 503 },
      { outcome: 'unavailable', status: 429 },
      { outcome: 'applied' },
    ]);
    expect(relay.patches(customerId)).toEqual([{ FirstName: 'Maria' }]);
  });

  test('of a record that is gone ends as ignored, of one that Zoho refuses is parked', async () => {
    expect(await outcomeOf(await post(notification(['1'])))).toMatchObject({
      changes: [{ status: 'ignored', reason: 'the record is gone' }],
    });
    failures.push(400);
    expect(await outcomeOf(await post(notification(['2'])))).toMatchObject({
      changes: [{ status: 'parked', reason: 'for-a-person', note: expect.stringContaining('Contacts 2') }],
    });
  });

  test('of a record without the DirectScale id is parked; a new one is ignored', async () => {
    const { record } = newContact({ DirectScale_Customer_Id: null });
    expect(await outcomeOf(await post(notification([record])))).toMatchObject({
      changes: [{ status: 'parked', reason: 'customer-not-found', recordId: record }],
    });
    expect(await outcomeOf(await post(notification([record], { operation: 'insert' })))).toMatchObject({
      changes: [{ status: 'ignored', reason: 'nothing of a customer changed' }],
    });
  });

  test('of a change by a user that relay.json ignores changes nothing', async () => {
    const { record, customerId } = newContact({ Modified_By: { id: '3652397000000999999' } });
    expect((await outcomeOf(await post(notification([record])))).status).toBe('ignored');
    expect(relay.patches(customerId)).toEqual([]);
  });

  test('of a deletion is parked for a person, and nobody is asked', async () => {
    const outcome = await outcomeOf(await post(notification(['5', '6'], { operation: 'delete' })));
    expect(outcome).toMatchObject({
      status: 'parked',
      changes: [{ reason: 'for-a-person', note: 'delete of Contacts 5, 6' }],
    });
    expect(asked).toEqual([]);
  });

  test.each([
    ['another module', { module: 'Deals' }],
    ['nothing, as a test might be', { ids: undefined, operation: undefined }],
  ])('of %s is acknowledged and ignored, and nobody is asked', async (_, more) => {
    expect((await outcomeOf(await post(notification(['5'], more)))).status).toBe('ignored');
    expect(asked).toEqual([]);
  });
});

test('what is not authentic is refused, and nobody is asked', async () => {
  const { record } = newContact();
  const body = JSON.stringify(notification([record]));
  const refused = [
    await post(body.replace(channelToken, channelToken.replace(/.$/, 'x'))),
    await post(body.replace('"token"', '"Token"')),
    await post(notification([record], { token: undefined })),
    await post(notification([record], { token: '' })),
    await post(notification([record], { token: [channelToken] })),
    await post(''),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect((await post(body.slice(0, -1))).status).toBe(400);
  expect((await post(`\ufeff${body.slice(0, -1)}`)).status).toBe(400);
  expect(asked).toEqual([]);
});

test('a notification with a byte order mark is taken', async () => {
  const { record, customerId } = newContact();
  await outcomeOf(
    await post(`\ufeff${JSON.stringify(notification([record], { affected_fields: ['First_Name'] }))}`),
  );
  expect(relay.patches(customerId)).toHaveLength(1);
});

test('of several ids one that is none is parked, and the others are read', async () => {
  const { record, customerId } = newContact();
  const response = await post(notification(['../1', record], { affected_fields: ['First_Name'] }));
  expect(await outcomeOf(response)).toMatchObject({
    changes: [
      { status: 'applied', customerId },
      { status: 'parked', reason: 'for-a-person', note: 'update of Contacts: 1 ids cannot be read' },
    ],
  });
});

test('a body that is larger than the kind ever sends: 413, before it is looked at', async () => {
  const { record } = newContact();
  const large = notification([record], { more: 'x'.repeat(65_536) });
  expect((await post(large)).status).toBe(413);
});

test('the second token of a rotation is accepted', async () => {
  const { record, customerId } = newContact();
  const token = localSecret('zoho-channel-token-next');
  await outcomeOf(await post(notification([record], { token, affected_fields: ['First_Name'] })));
  expect(relay.patches(customerId)).toHaveLength(1);
});
