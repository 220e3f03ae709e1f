import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../operator.ts';
import { patchesOf } from '../relay-under-test.ts';
import { type RelayWithVendors, sampleFor, startRelayWithVendors } from './relay-with-vendors.ts';
import { wires } from './wires.ts';

let relay: RelayWithVendors;
beforeAll(async () => {
  relay = await startRelayWithVendors({ lookUp: ['emailAddress'] });
});
afterAll(() => relay?.stop());

const occurredAt = '2026-11-20T21:03:22.000Z';
const time = Date.parse(occurredAt);

/** A record that is no customer yet: its last name changed, and with it its e-mail address, or not. */
interface Told {
  readonly id: string;
  readonly email: string;
  readonly isNew: boolean;
}

const ofRecord = (object: string, email: string, name: string) => (told: Told) => ({
  object,
  recordId: told.id,
  occurredAt,
  fields: { [email]: told.email, [name]: 'Mallory' },
  changed: told.isNew ? [email, name] : [name],
});

const own = ({ id, email, isNew }: Told) => ({
  timestamp: occurredAt,
  data: { recordId: id, lookUpEmail: email, lastName: 'Mallory', ...(isNew && { email }) },
});

/** By the kinds whose senders say what changed, or of which it is not known. */
const tellers: Readonly<Record<string, (told: Told) => object>> = {
  canonical: ({ id, email, isNew }) => ({
    customer: { emailAddress: email },
    recordId: id,
    occurredAt,
    fields: { LastName: 'Mallory', ...(isNew && { EmailAddress: email.toUpperCase() }) },
  }),
  cloudevents: own,
  'event-grid': own,
  'standard-webhooks': own,
  hubspot: ({ email, isNew }) => ({
    properties: { email, lastname: 'Mallory' },
    changes: [
      { name: 'lastname', value: 'Mallory', occurredAt: time },
      ...(isNew ? [{ name: 'email', value: email, occurredAt: time }] : []),
    ],
  }),
  salesforce: ofRecord('Contact', 'Email', 'LastName'),
  dynamics: ofRecord('contact', 'emailaddress1', 'lastname'),
  zoho: ({ email, isNew }) => ({
    record: { Email: email, Last_Name: 'Mallory', Modified_Time: occurredAt },
    changed: isNew ? ['Email', 'Last_Name'] : ['Last_Name'],
  }),
  pipedrive: ({ email, isNew }) => ({
    occurredAt,
    person: { last_name: 'Mallory', emails: [{ value: email, primary: true, label: 'work' }] },
    previous: { last_name: 'X', ...(isNew && { emails: [] }) },
  }),
  stripe: ({ id, email, isNew }) => ({
    type: 'customer.updated',
    created: time / 1000,
    data: {
      object: { id: `cus_${id}`, email, metadata: { directscale_last_name: 'Mallory' } },
      previous_attributes: { metadata: { directscale_last_name: 'X' }, ...(isNew && { email: null }) },
    },
  }),
};

async function send(source: string, isNew: boolean, payload: (told: Told) => object) {
  const [victim, id] = [relay.newCustomer(), relay.newCustomer()];
  const email = relay.sandbox.customers.get(victim)?.EmailAddress ?? '';
  const { changes } = await relay.deliver(source, payload({ id, email, isNew }), id);
  const { links } = (await (await call(relay.host.url, `links?customer=${victim}`)).json()) as {
    links: unknown[];
  };
  return { changes, links, patches: patchesOf(relay, victim) };
}

describe.each(Object.entries(tellers))('%s', (source, payload) => {
  test('who has just got an e-mail address is not taken for the customer who has it', async () => {
    const { changes, links, patches } = await send(source, true, payload);
    expect(changes).toMatchObject([{ status: 'parked', reason: 'customer-not-found' }]);
    expect(links).toEqual([]);
    expect(patches).toEqual([]);
  });

  test('where the address did not change, it finds the customer', async () => {
    const { changes, patches } = await send(source, false, payload);
    expect(changes).toMatchObject([{ status: 'applied' }]);
    expect(patches).toEqual([{ LastName: 'Mallory' }]);
  });
});

test('who tells that its fields are those of the whole record may be found by one of them', async () => {
  const { changes } = await send('canonical', true, (told) => ({
    ...tellers.canonical?.(told),
    snapshot: true,
  }));
  expect(changes).toMatchObject([{ status: 'applied' }]);
});

test('a new address in another event of the same delivery counts, too', async () => {
  const { changes, patches } = await send('canonical', true, (told) => [
    { ...tellers.canonical?.({ ...told, isNew: true }), occurredAt: '2026-11-20T20:00:00Z' },
    tellers.canonical?.({ ...told, isNew: false }),
  ]);
  expect(changes).toMatchObject([{ status: 'parked', reason: 'customer-not-found' }]);
  expect(patches).toEqual([]);
});

/** Those whose senders never say what changed: whoever lists `emailAddress` for them trusts their addresses. */
const others = Object.keys(wires).filter(
  (name) => !Object.hasOwn(tellers, name) && name !== 'segment-user-id',
);

test.each(others)(
  '%s: of a whole record nobody says what changed: it is found by its address',
  async (source) => {
    const [customerId, id] = [relay.newCustomer(), relay.newCustomer()];
    const email = relay.sandbox.customers.get(customerId)?.EmailAddress ?? '';
    const text = JSON.stringify(sampleFor(source, ''))
      .replaceAll('maria.jensen@example.com', email)
      .replace(/("id":)("m1"|7065064123456|65\b)/g, `$1${id}`);
    await relay.deliver(source, JSON.parse(text), id);
    expect(patchesOf(relay, customerId)).toMatchObject([{ FirstName: 'Maria' }]);
  },
);
