import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariasAddress } from '../../fixtures/maria.ts';
import { newCustomer } from '../relay-under-test.ts';
import { relayFor } from './relay-for.ts';

/** HubSpot's API: the contacts by id, the answers to come before them, and which contacts were asked for. */
const contacts = new Map<string, Record<string, string | null>>();
const failures: number[] = [];
let asked: string[] = [];
const token = 'a-token-for-tests';

const relay = relayFor('hubspot', (response, { url, headers }) => {
  const [, id = ''] = /^\/crm\/v3\/objects\/contacts\/(\d+)\?/.exec(url) ?? [];
  asked.push(id);
  const properties = contacts.get(id);
  const status =
    headers.authorization === `Bearer ${token}` ? (failures.shift() ?? (properties ? 200 : 404)) : 401;
  response.writeHead(status).end(JSON.stringify(status === 200 ? { id, properties } : {}));
});
beforeAll(() => relay.vault.set('hubspot-access-token', token));
beforeEach(() => {
  contacts.clear();
  failures.length = 0;
  asked = [];
});

const address = { ...mariasAddress, Street2: '' };
let lastContact = 1_246_965;

/** A contact of HubSpot with the customer that it belongs to. */
function newContact(more: Record<string, string | null> = {}): { contact: string; customerId: string } {
  const contact = String(++lastContact);
  const customerId = newCustomer(relay);
  contacts.set(contact, {
    directscale_customer_id: customerId,
    address: '2600 Executive Pkwy',
    city: 'Lehi',
    state: 'UT',
    zip: '84043',
    country: 'United States',
    ...more,
  });
  return { contact, customerId };
}

let lastEvent = 3_816_279_340;
const event = (contact: string, propertyName: string, propertyValue: string, changes: object = {}) => ({
  objectId: Number(contact),
  propertyName,
  propertyValue,
  changeSource: 'CRM_UI',
  eventId: ++lastEvent,
  subscriptionId: 25,
  portalId: 33,
  appId: 1_160_452,
  occurredAt: Date.now(),
  subscriptionType: 'contact.propertyChange',
  attemptNumber: 0,
  ...changes,
});

interface Signing {
  readonly secret?: string;
  /** Epoch ms. */
  readonly time?: number;
  readonly source?: string;
}
const clientSecret = localSecret('hubspot-client-secret');

function v3Headers(
  body: string,
  { secret = clientSecret, time = Date.now(), source = 'hubspot' }: Signing = {},
) {
  const text = `POST${relay.host.url}/api/webhooks/${source}${body}${time}`;
  return {
    'X-HubSpot-Signature-Version': 'v1',
    'X-HubSpot-Signature': createHash('sha256')
      .update(secret + body)
      .digest('hex'),
    'X-HubSpot-Request-Timestamp': String(time),
    'X-HubSpot-Signature-v3': createHmac('sha256', secret).update(text).digest('base64'),
  };
}

function post(payload: unknown, signing: Signing = {}, headers?: Record<string, string>): Promise<Response> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return relay.post(signing.source ?? 'hubspot', body, headers ?? v3Headers(body, signing));
}

function postWorkflow(
  payload: unknown,
  secret = clientSecret,
  sign = (body: string) => body,
): Promise<Response> {
  const body = JSON.stringify(payload);
  const url = `${relay.host.url}/api/webhooks/hubspot-workflow`;
  const signature = createHash('sha256')
    .update(`${secret}POST${url}${sign(body)}`)
    .digest('hex');
  return relay.post('hubspot-workflow', body, {
    'X-HubSpot-Signature-Version': 'v2',
    'X-HubSpot-Signature': signature,
  });
}

describe('a batch of events', () => {
  test('100 events for 7 contacts make 7 changes, one call each', async () => {
    const people = Array.from({ length: 7 }, () => newContact());
    const newest = Date.now();
    const properties = ['firstname', 'lastname', 'city', 'mobilephone'];
    const events = Array.from({ length: 100 }, (_, n) => {
      const { contact = '' } = people[n % 7] ?? {};
      const name = properties[Math.floor(n / 7) % 4] ?? '';
      const value = name === 'mobilephone' ? '(801) 555-0144' : name === 'city' ? 'Lehi' : `${name} ${n}`;
      // The first of each property is the newest: the order of a batch says nothing.
      return event(contact, name, value, { occurredAt: newest - n * 1000 });
    });
    const response = await post(events);
    expect(response.status).toBe(202);
    const { status, changes } = await relay.outcomeOf(response);
    expect(status).toBe('applied');
    expect(changes.map((change) => change.customerId)).toEqual(people.map(({ customerId }) => customerId));
    expect(asked.sort()).toEqual(people.map(({ contact }) => contact));
    for (const [n, { customerId }] of people.entries()) {
      expect(relay.patches(customerId)).toEqual([
        {
          FirstName: `firstname ${n}`,
          LastName: `lastname ${7 + n}`,
          TextPhone: '+18015550144',
          PrimaryAddress: address,
        },
      ]);
    }
  });

  test('each property has its own time: what is newer in DirectScale stays', async () => {
    const { contact, customerId } = newContact();
    const now = Date.now();
    await relay.outcomeOf(await post([event(contact, 'firstname', 'newer', { occurredAt: now })]));
    const late = [
      event(contact, 'firstname', 'older', { occurredAt: now - 1000 }),
      event(contact, 'lastname', '', { occurredAt: now + 1000 }),
    ];
    const { changes } = await relay.outcomeOf(await post(late));
    expect(changes).toMatchObject([{ status: 'applied', dropped: ['FirstName'] }]);
    expect(relay.patches(customerId)).toEqual([{ FirstName: 'newer' }, { LastName: '' }]);
  });

  test('that comes again, as another attempt and in another order, does nothing', async () => {
    const { contact, customerId } = newContact();
    const events = [event(contact, 'firstname', 'Maria'), event(contact, 'lastname', 'Jensen')];
    const first = await post(events);
    await relay.outcomeOf(first);
    const second = await post(events.toReversed().map((one) => ({ ...one, attemptNumber: 1 })));
    expect(await relay.deliveryIdOf(second)).toBe(await relay.deliveryIdOf(first));
    expect(relay.patches(customerId)).toHaveLength(1);
  });

  test('waits for HubSpot, and reads the contact again', async () => {
    const { contact, customerId } = newContact();
    failures.push(503, 429);
    const { changes } = await relay.outcomeOf(await post([event(contact, 'firstname', 'Maria')]));
    expect(changes[0]?.attempts).toMatchObject([
      { outcome: 'unavailable', reason: 'vendor-unavailable', status: 503 },
      { outcome: 'unavailable', status: 429 },
      { outcome: 'applied' },
    ]);
    expect(relay.patches(customerId)).toEqual([{ FirstName: 'Maria' }]);
  });

  test('about a contact that is gone, as in a test event, ends as ignored', async () => {
    const outcome = await relay.outcomeOf(await post([event('123', 'firstname', 'Test')]));
    expect(outcome).toMatchObject({ changes: [{ status: 'ignored', reason: 'the record is gone' }] });
  });

  test('about a contact without DirectScale id, or with half an address, is parked with the reason', async () => {
    const nobody = newContact({ directscale_customer_id: null });
    const half = newContact({ zip: null });
    const response = await post([
      event(nobody.contact, 'firstname', 'Maria'),
      event(half.contact, 'city', 'Lehi'),
    ]);
    expect((await relay.outcomeOf(response)).changes).toMatchObject([
      { status: 'parked', reason: 'customer-not-found', recordId: nobody.contact },
      { status: 'parked', reason: 'address-incomplete', violations: [{ path: 'PrimaryAddress.PostalCode' }] },
    ]);
    expect(relay.sandbox.history.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  test('of deletions is parked for a person', async () => {
    const deletion = event('5', '', '', { subscriptionType: 'contact.privacyDeletion' });
    const response = await post([deletion]);
    expect(await relay.outcomeOf(response)).toMatchObject({
      status: 'parked',
      changes: [{ reason: 'for-a-person', note: 'contact.privacyDeletion of contact 5' }],
    });
    expect(asked).toEqual([]);
  });

  test('of a deletion and a change: the change is applied, the deletion is parked', async () => {
    const { contact, customerId } = newContact();
    const deletion = event('5', '', '', { subscriptionType: 'contact.deletion' });
    const { changes } = await relay.outcomeOf(await post([deletion, event(contact, 'firstname', 'Maria')]));
    expect(changes).toMatchObject([
      { status: 'applied', customerId },
      { status: 'parked', reason: 'for-a-person', note: 'contact.deletion of contact 5' },
    ]);
    expect(asked).toEqual([contact]);
    expect(relay.patches(customerId)).toEqual([{ FirstName: 'Maria' }]);
  });

  test.each([
    ['companies', { subscriptionType: 'company.propertyChange' }],
    ['another account', { portalId: 34 }],
  ])('of %s is acknowledged and ignored, and nobody is asked', async (_, changes) => {
    const response = await post([event('5', 'firstname', 'Maria', changes)]);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ignored' });
    expect(asked).toEqual([]);
  });
});

test('what is not authentic is refused, and nobody is asked', async () => {
  const { contact } = newContact();
  const body = JSON.stringify([event(contact, 'firstname', 'Maria')]);
  const headers = v3Headers(body);
  const signature = headers['X-HubSpot-Signature-v3'];
  const time = Number(headers['X-HubSpot-Request-Timestamp']);
  const flipped = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
  const refused = [
    await post(body.replace('Maria', 'Marie'), {}, headers),
    await post(body, {}, { ...headers, 'X-HubSpot-Signature-v3': flipped }),
    await post(body, {}, { ...headers, 'X-HubSpot-Request-Timestamp': String(time + 1) }),
    await post(body, { time: Date.now() - 330_000 }),
    await post(body, { time: Date.now() + 330_000 }),
    await post(body, { secret: 'another' }),
    await post(body, {}, {}),
    await postWorkflow([], 'another'),
    await postWorkflow([], clientSecret, (signed) => `${signed} `),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(asked).toEqual([]);
});

test('an event with a JSON boolean of a property that is not mapped keeps no other contact out', async () => {
  const [{ contact, customerId }, other] = [newContact(), newContact()];
  const events = [
    event(contact, 'firstname', 'Maria'),
    { ...event(other.contact, 'hs_marketable_status', ''), propertyValue: false },
  ];
  const { changes } = await relay.outcomeOf(await post(events));
  expect(changes).toMatchObject([{ status: 'applied', customerId }, { status: 'ignored' }]);
  expect(relay.patches(customerId)).toEqual([{ FirstName: 'Maria' }]);
});

test('an event that cannot be read is parked, and keeps no other contact out', async () => {
  const { contact, customerId } = newContact();
  const events = [event('1', 'firstname', 'X', { occurredAt: 'now' }), event(contact, 'firstname', 'Maria')];
  const { changes } = await relay.outcomeOf(await post(events));
  expect(changes).toMatchObject([
    { status: 'applied', customerId },
    { status: 'parked', reason: 'for-a-person', note: expect.stringContaining('occurredAt') },
  ]);
});

test('the DirectScale id may have spaces around it', async () => {
  const { contact, customerId } = newContact();
  contacts.set(contact, { ...contacts.get(contact), directscale_customer_id: ` ${customerId} ` });
  await relay.outcomeOf(await post([event(contact, 'firstname', 'Maria')]));
  expect(relay.patches(customerId)).toEqual([{ FirstName: 'Maria' }]);
});

test('another customer is not found by an address that has just changed, not even where addresses are looked up', async () => {
  const victim = newCustomer(relay);
  const EmailAddress = relay.sandbox.customers.get(victim)?.EmailAddress ?? '';
  const { contact } = newContact({ directscale_customer_id: null, email: EmailAddress });
  const events = [event(contact, 'email', EmailAddress), event(contact, 'lastname', 'Mallory')];
  const outcome = await relay.outcomeOf(await post(events, { source: 'hubspot-by-email' }));
  expect(outcome).toMatchObject({ changes: [{ status: 'parked', reason: 'customer-not-found' }] });
  expect(relay.patches(victim)).toEqual([]);
});

test('the second secret of a rotation is accepted, by v3 and v2', async () => {
  const { contact } = newContact();
  const secret = localSecret('hubspot-client-secret-next');
  const batch = await post([event(contact, 'firstname', 'Maria')], { secret });
  expect((await relay.outcomeOf(batch)).status).toBe('applied');
  expect((await postWorkflow([], secret)).status).toBe(200);
});

describe('the webhook of a workflow', () => {
  test('carries the contact: its fields arrive without a call to HubSpot', async () => {
    const { customerId } = relay;
    const contact = JSON.parse(await readFile('test/fixtures/hubspot/workflow-webhook.contact.json', 'utf8'));
    contact.properties.directscale_customer_id.value = customerId;
    const outcome = await relay.outcomeOf(await postWorkflow(contact));
    expect(outcome).toMatchObject({ status: 'applied', topic: 'workflow' });
    expect(relay.patches(customerId)).toEqual([
      {
        ...maria,
        PrimaryAddress: address,
        AssociateCustom: { Field1: 'gold', Field7: 'blue' },
      },
    ]);
    expect(asked).toEqual([]);
  });

  test('may carry chosen properties; a value that comes back is a change of its own', async () => {
    const { customerId } = relay;
    const now = Date.now();
    for (const [n, firstname] of ['A', 'B', 'A'].entries()) {
      const flat = {
        hs_object_id: 7,
        firstname,
        directscale_customer_id: customerId,
        lastmodifieddate: new Date(now + n * 1000).toISOString(),
      };
      await relay.outcomeOf(await postWorkflow(flat));
    }
    expect(relay.patches(customerId)).toEqual([{ FirstName: 'A' }, { FirstName: 'B' }, { FirstName: 'A' }]);
  });

  test('without the time of the modification waits for a person', async () => {
    const response = await postWorkflow({ firstname: 'A', directscale_customer_id: '10542' });
    expect(await relay.outcomeOf(response)).toMatchObject({ changes: [{ reason: 'for-a-person' }] });
  });
});
