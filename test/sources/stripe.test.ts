import { readFile } from 'node:fs/promises';
import { Stripe } from 'stripe';
import { describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { hmacSha256 } from '../../src/sources/shared/hmac.ts';
import { stripe } from '../../src/sources/stripe/stripe.ts';
import { maria, mariasAddress, mariasAddresses } from '../fixtures/maria.ts';
import { sender } from '../fixtures/stripe/sender.ts';
import vectors from '../fixtures/stripe/signature-vectors.json' with { type: 'json' };
import { mappingOf } from '../mapping/mapping-result.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const t = now.getTime() / 1000;
const url = new URL('https://relay.example.com/api/webhooks/stripe');
const secret = 'whsec_c2VjcmV0';
const body = '{"id":"evt_1"}';

const verify = (signature: string, secrets = [secret], content: string | Uint8Array = body) =>
  stripe.verify(
    {
      method: 'POST',
      url,
      headers: new Headers({ 'Stripe-Signature': signature }),
      body: Buffer.from(content),
    },
    { options: stripe.options.parse({}), keys: keysOf(secrets), now },
  );

test.each(vectors.vectors)("the vendor's vector of the HMAC: $name", (vector) => {
  expect(hmacSha256(vector.secret, vector.signedContent).toString('hex')).toBe(vector.signature);
});

test("a header made by the vendor's own SDK", () => {
  const sdk = new Stripe('sk_test_of_no_use');
  const header = sdk.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: t });
  expect(verify(header)).toBe(true);
  expect(verify(header, [secret], `${body} `)).toBe(false);
  expect(verify(header, ['another'])).toBe(false);
});

test('the signature as the sender of the fixtures makes it is accepted', () => {
  const bytes = Buffer.from(body);
  const headers = new Headers(sender.headers(bytes, secret, now, url));
  const context = { options: stripe.options.parse({}), keys: keysOf([secret]), now };
  expect(stripe.verify({ method: 'POST', url, headers, body: bytes }, context)).toBe(true);
});

const fixture = async (name: string) =>
  JSON.parse(await readFile(`test/fixtures/stripe/${name}.json`, 'utf8'));
const read = (event: unknown, livemode = true, more: object = {}) =>
  stripe.read(
    keptBefore({ headers: new Headers(), body: Buffer.from(JSON.stringify(event)) }),
    stripe.options.parse({ livemode, ...more }),
  );

describe('what a delivery says', async () => {
  const updated = await fixture('customer-updated');

  test('events of connected accounts are ignored, but for those that the options list', () => {
    const connected = { ...updated, account: 'acct_1' };
    expect(read(connected).content).toEqual({
      type: 'ignored',
      reason: 'an event of a connected account that options.connectedAccounts does not list',
    });
    expect(read(connected, true, { connectedAccounts: ['acct_2'] }).content.type).toBe('ignored');
    expect(read(connected, true, { connectedAccounts: ['acct_2', 'acct_1'] }).content.type).toBe('changes');
    expect(read(updated, true, { connectedAccounts: ['acct_1'] }).content.type).toBe('changes');
    expect(stripe.options.safeParse({ connectedAccounts: ['x'] }).success).toBe(false);
  });

  test('its id is that of the event', () => {
    expect(read(updated)).toMatchObject({ id: updated.id, topic: 'customer.updated' });
  });

  test.each([
    ['an update', {}, 'changes'],
    ['a new customer', { type: 'customer.created' }, 'changes'],
    ['a deleted customer', { type: 'customer.deleted' }, 'for-a-person'],
    [
      'an update of a deleted customer',
      { data: { object: { object: 'customer', deleted: true } } },
      'for-a-person',
    ],
    ['a discount', { type: 'customer.discount.created' }, 'ignored'],
    [
      'a subscription',
      { type: 'customer.subscription.updated', data: { object: { object: 'subscription' } } },
      'ignored',
    ],
    ['test mode', { livemode: false }, 'ignored'],
    ['a thin event', { object: 'v2.core.event', data: undefined }, 'ignored'],
  ])('%s', (_, changes, type) => {
    expect(read({ ...updated, ...changes }).content.type).toBe(type);
  });

  test('test mode is taken where the options say so, and live mode is not', () => {
    expect(read({ ...updated, livemode: false }, false).content.type).toBe('changes');
    expect(read(updated, false).content.type).toBe('ignored');
  });

  test.each([[[]], [{}], [{ object: 'event', id: 'evt_1' }], ['text']])('%j is malformed', (event) => {
    expect(() => read(event)).toThrow(MalformedDelivery);
  });
});

describe('mappings/stripe.jsonata', async () => {
  const mapping = mappingOf('stripe.jsonata', await readFile('mappings/stripe.jsonata', 'utf8'));
  const updated = await fixture('customer-updated');
  const map = (event: unknown) => mapping.map(event, now);
  /** An update of the fixture's customer. */
  const update = (previous_attributes: object, object: object = {}) =>
    map({ ...updated, data: { object: { ...updated.data.object, ...object }, previous_attributes } });
  const fieldsOf = (fields: object) => ({ ok: true, changes: [expect.objectContaining({ fields })] });
  const nothing = { ok: true, changes: [] };
  const all = { ...maria, ...mariasAddresses };

  test('an update of everything', async () => {
    expect(await map(updated)).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: 'cus_RelayFixture01',
          occurredAt: '2026-11-20T21:03:22.000Z',
          // Field2 was taken away.
          fields: { ...all, AssociateCustom: { Field1: 'gold', Field2: '' } },
        },
      ],
    });
  });

  test('a new customer: everything that there is', async () => {
    expect(await map(await fixture('customer-created'))).toEqual(
      fieldsOf({ ...all, AssociateCustom: { Field1: 'gold' } }),
    );
    const bare = { email: null, phone: null, address: { country: 'US', line1: null }, shipping: null };
    const object = { ...updated.data.object, ...bare, preferred_locales: [], name: 'X' };
    const metadata = { directscale_customer_id: '10542' };
    expect(
      await map({ ...updated, type: 'customer.created', data: { object: { ...object, metadata } } }),
    ).toEqual(nothing);
  });

  test('only what changed is sent; what was cleared is sent empty', async () => {
    expect(await update({ email: 'old@example.com' })).toEqual(fieldsOf({ EmailAddress: all.EmailAddress }));
    expect(await update({ email: 'old@example.com', phone: '1' }, { email: null, phone: null })).toEqual(
      fieldsOf({ EmailAddress: '', PrimaryPhone: '' }),
    );
    expect(await update({ metadata: { directscale_field_1: null } })).toEqual(
      fieldsOf({ AssociateCustom: { Field1: 'gold' } }),
    );
    expect(
      await update({ metadata: { directscale_tax_id: '1' } }, { metadata: { directscale_customer_id: '7' } }),
    ).toEqual(fieldsOf({ TaxId: '' }));
  });

  test.each([
    ['a name, which nobody can take apart', { name: 'Mary Jensen' }],
    ['a balance', { balance: 100 }],
    ['other metadata', { metadata: { color: 'red' } }],
    ['nothing at all', {}],
  ])('%s changes nothing', async (_, previous) => expect(await update(previous)).toEqual(nothing));

  test('an address is sent whole when a part of it changed', async () => {
    expect(await update({ address: { city: 'Provo' } })).toEqual(fieldsOf({ PrimaryAddress: mariasAddress }));
    expect(await update({ shipping: { address: { line2: null } } })).toEqual(
      fieldsOf({ DefaultShippingAddress: mariasAddress }),
    );
    expect(await update({ shipping: { phone: '1' } })).toEqual(nothing);
  });

  test('names of countries and states become codes', async () => {
    const named = { ...updated.data.object.address, state: 'Utah', country: 'United States' };
    expect(await update({ address: null }, { address: named })).toEqual(
      fieldsOf({ PrimaryAddress: mariasAddress }),
    );
  });

  test('an address that is not whole is left out, or reported when nothing else changed', async () => {
    const partial = {
      address: { country: 'US', postal_code: '84043', line1: null, city: null, state: null },
    };
    expect(await update({ address: null, email: 'old@example.com' }, partial)).toEqual(
      fieldsOf({ EmailAddress: all.EmailAddress }),
    );
    expect(await update({ address: null, shipping: null }, partial)).toEqual(
      fieldsOf({ DefaultShippingAddress: mariasAddress }),
    );
    for (const changed of [partial, { address: null }]) {
      const result = await update({ address: {} }, changed);
      expect(result).toMatchObject({ ok: false });
      expect(JSON.stringify(result)).toContain('PrimaryAddress.City');
    }
  });

  test('without a DirectScale id, the customer is to be looked up by e-mail, the one from before', async () => {
    expect(await update({ email: 'old@example.com' }, { metadata: {} })).toMatchObject({
      changes: [
        {
          customer: {
            lookUp: [{ by: 'emailAddress', value: 'old@example.com' }],
          },
          recordId: 'cus_RelayFixture01',
        },
      ],
    });
  });

  test('a phone that is none is a violation', async () => {
    expect(await update({ phone: null }, { phone: 'call me' })).toMatchObject({ ok: false });
  });
});
