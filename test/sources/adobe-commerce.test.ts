import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeChanges } from '../../src/mapping/merge-changes.ts';
import { adobeCommerce } from '../../src/sources/adobe-commerce/adobe-commerce.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import vectors from '../fixtures/adobe-commerce/signature-vectors.json' with { type: 'json' };
import { maria, mariaAsShopper, mariasAddress, mariasAddresses } from '../fixtures/maria.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-23T12:00:00Z');
const clientId = 'ca7b36f23be94dcb9d2ebb97f0276e3f';
const ioEvents = { product: 'io-events' as const, clientId };
const webhooks = { product: 'commerce-webhooks' as const };
const fixture = (name: string) => readFileSync(`test/fixtures/adobe-commerce/${name}`, 'utf8');
const event = fixture('io-events.customer-save-commit-after.json');

const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const ours = keyPair();
const other = keyPair();
const signatureOf = (body: string | Uint8Array, key = ours.privateKey) =>
  sign('sha256', Buffer.from(body), key).toString('base64');

const request = (
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  query = '',
  method = 'POST',
) => ({
  method,
  url: new URL(`https://relay.example.com/api/webhooks/adobe${query}`),
  headers: new Headers(headers),
  body: Buffer.from(body),
});

describe('a digital signature of I/O Events', () => {
  const verify = (
    body: string | Uint8Array,
    headers: Record<string, string>,
    secrets = [ours.publicKey],
    options = ioEvents,
  ) =>
    adobeCommerce.verify(request(body, headers), { options, keys: keysOf(secrets, 'rsa-public-key'), now });

  test.each(vectors.vectors)(
    "the vendor's vector: $name",
    ({ body, signature, publicKeyPem, recipientClientId, valid }) => {
      const headers = { 'x-adobe-digital-signature-1': signature };
      const options = { ...ioEvents, clientId: recipientClientId };
      expect(verify(body, headers, [publicKeyPem], options)).toBe(valid);
      expect(verify(body, headers, [other.publicKey, publicKeyPem], options)).toBe(valid);
      expect(verify(body, headers, [publicKeyPem.replaceAll('\n', '\\n')], options)).toBe(valid);
      expect(verify(`${body} `, headers, [publicKeyPem], options)).toBe(false);
      expect(verify(body, headers, [publicKeyPem], ioEvents)).toBe(false);
      expect(verify(body, headers, [other.publicKey], options)).toBe(false);
    },
  );

  test('either of the two is enough', () => {
    const [good, bad] = [signatureOf(event), signatureOf(event, other.privateKey)];
    const headers = (one: string, two: string) => ({
      'x-adobe-digital-signature-1': one,
      'x-adobe-digital-signature-2': two,
    });
    expect(verify(event, headers(good, bad))).toBe(true);
    expect(verify(event, headers(bad, good))).toBe(true);
    expect(verify(event, headers(bad, bad))).toBe(false);
    expect(verify(event, headers('', ''))).toBe(false);
    expect(verify(event, {})).toBe(false);
  });

  test('every event of a batch must be for us: the keys are the same for all customers of Adobe', () => {
    const batch = JSON.parse(fixture('io-events.batch.json'));
    const check = (events: unknown) => {
      const body = JSON.stringify(events);
      return verify(body, { 'x-adobe-digital-signature-1': signatureOf(body) });
    };
    expect(check(batch)).toBe(true);
    expect(check([batch[0], { ...batch[1], recipientclientid: 'another' }])).toBe(false);
    expect(check([batch[0], {}])).toBe(false);
    for (const nothing of [[], null, 'text', 1]) expect(check(nothing)).toBe(false);
    const notJson = 'not JSON';
    expect(verify(notJson, { 'x-adobe-digital-signature-1': signatureOf(notJson) })).toBe(false);
  });

  test('whatever is sent, and whatever is in the vault: no throw', () => {
    const bytes = Buffer.from(event);
    const headers = { 'x-adobe-digital-signature-1': signatureOf(bytes) };
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = Buffer.from(bytes);
        changed[place] = (changed[place] ?? 0) ^ change;
        expect(verify(changed, headers)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), (signature, secret) => {
        const given = signature.replace(/[^\x21-\x7e]/g, '');
        expect(verify(event, { 'x-adobe-digital-signature-1': given }, [secret, ours.publicKey])).toBe(false);
      }),
    );
    expect(verify(event, { 'x-adobe-digital-signature-1': 'A'.repeat(5_000_000) })).toBe(false);
  });

  test('without a client id the source cannot be configured', () => {
    expect(adobeCommerce.options.safeParse({ product: 'io-events' }).success).toBe(false);
    expect(adobeCommerce.options.safeParse(ioEvents).success).toBe(true);
    expect(adobeCommerce.options.safeParse(webhooks).success).toBe(true);
  });
});

test('a signature of the Webhooks module is over the base64 of the body', () => {
  const body = fixture('commerce-webhook.address-save.json');
  const verify = (signature: string, secrets = [ours.publicKey]) =>
    adobeCommerce.verify(request(body, { 'x-adobe-commerce-webhook-signature': signature }), {
      options: webhooks,
      keys: keysOf(secrets, 'rsa-public-key'),
      now,
    });
  const right = signatureOf(Buffer.from(body).toString('base64'));
  expect(verify(right)).toBe(true);
  expect(verify(right, [other.publicKey, ours.publicKey])).toBe(true);
  expect(verify(right, [other.publicKey])).toBe(false);
  expect(verify(signatureOf(body))).toBe(false);
  expect(verify(signatureOf(Buffer.from(`${body} `).toString('base64')))).toBe(false);
});

describe('the handshake', () => {
  const ask = (
    method: string,
    query: string,
    body = '',
    options: typeof ioEvents | typeof webhooks = ioEvents,
  ) =>
    adobeCommerce.handshake?.(request(body, {}, query, method), {
      options,
      keys: keysOf([], 'rsa-public-key'),
      now,
    });

  test('returns the challenge of a GET as JSON, which no browser runs', () => {
    const reply = ask('GET', '?challenge=8ec8d794-e0ab-42df-9017-e3dada8e84f7');
    expect(reply).toEqual({
      status: 200,
      headers: { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' },
      body: '{"challenge":"8ec8d794-e0ab-42df-9017-e3dada8e84f7"}',
    });
    expect(JSON.parse(ask('GET', '?challenge=%3Cscript%3E%22')?.body ?? '')).toEqual({
      challenge: '<script>"',
    });
    expect(ask('GET', '')).toBeUndefined();
    expect(ask('GET', `?challenge=${'x'.repeat(1001)}`)).toBeUndefined();
    expect(ask('GET', '?challenge=x', '', webhooks)).toBeUndefined();
    expect(ask('POST', '?challenge=x')).toBeUndefined();
  });

  test.each([
    ['https://csm.adobe.io/csm/registrations/validate?id=1&challenge=2', true],
    ['https://csm.adobe.io.example.com/csm/registrations/validate', false],
    ['http://csm.adobe.io/csm/registrations/validate', false],
    ['https://csm.adobe.io/elsewhere', false],
    ['not a url', false],
  ])('a validation URL is acknowledged and left to a person: %s', (validationUrl, known) => {
    expect(ask('POST', '', JSON.stringify({ validationUrl }))?.status).toBe(known ? 200 : undefined);
  });

  test('an event is no handshake', () => expect(ask('POST', '', event)).toBeUndefined());
});

describe('what a delivery says', () => {
  const read = (body: unknown, options: object = ioEvents) =>
    adobeCommerce.read(
      keptBefore({
        headers: new Headers(),
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      }),
      options as typeof ioEvents,
    );
  const ofType = (type: string) => ({ ...JSON.parse(event), type: `com.adobe.commerce.${type}` });

  test('events, by the id that every attempt repeats', () => {
    const delivery = read(event);
    expect(delivery).toMatchObject({
      id: '["urn:uuid:fb58963f-d2e7-4ab4-83da-b6ff15b8ebc0","7a1f0c9e-5a4b-4a9e-8a6e-5f4f6f0a3b21"]',
      topic: 'com.adobe.commerce.observer.customer_save_commit_after',
      content: { type: 'changes', payload: [JSON.parse(event)] },
    });
    const batch = JSON.parse(fixture('io-events.batch.json'));
    expect(read(batch).content).toEqual({
      type: 'items',
      items: batch.map((element: unknown) => ({ payload: [element] })),
    });
    expect(read(batch).id).toBe(read(structuredClone(batch)).id);
    expect(read(batch).id).not.toBe(read(batch.slice(1)).id);
  });

  test.each([
    ['observer.customer_save_commit_after', 'changes'],
    ['observer.customer_address_save_commit_after', 'changes'],
    ['plugin.magento.customer.api.customer_repository.save', 'changes'],
    ['plugin.customer.api.address_repository.save', 'changes'],
    ['observer.customer_delete_commit_after', 'for-a-person'],
    ['plugin.magento.customer.api.customer_repository.delete_by_id', 'for-a-person'],
    ['observer.catalog_product_save_commit_after', 'ignored'],
    ['observer.sales_order_save_commit_after', 'ignored'],
  ])('%s is %s', (type, content) => expect(read(ofType(type)).content.type).toBe(content));

  test('other events where the options name them', () => {
    const options = { ...ioEvents, types: ['com.adobe.commerce.observer.mine'] };
    expect(read(ofType('observer.mine'), options).content.type).toBe('changes');
    expect(read(event, options).content.type).toBe('ignored');
  });

  test('authentic, but no CloudEvents: kept for a person, because Adobe drops what gets a 400', () => {
    const body = { event_id: '1', event: {}, recipient_client_id: clientId };
    expect(read(body).content.type).toBe('for-a-person');
    expect(read(body).id).toBe(read(body).id);
  });

  test('a call of the Webhooks module: each is a delivery of its own, answered as the module wants it', () => {
    const body = fixture('commerce-webhook.address-save.json');
    const delivery = read(body, webhooks);
    expect(delivery.content).toEqual({ type: 'changes', payload: JSON.parse(body) });
    expect(read(body, webhooks).id).not.toBe(delivery.id);
    const kept = { headers: new Headers(), body: Buffer.from(body) };
    expect(adobeCommerce.acknowledge?.(keptBefore(kept), webhooks)).toMatchObject({
      status: 200,
      body: '{"op":"success"}',
    });
    expect(adobeCommerce.acknowledge?.(keptBefore(kept), ioEvents)).toEqual({ status: 202 });
  });
});

describe('mappings/adobe-commerce.jsonata', () => {
  const mapping = mappingOf('adobe', readFileSync('mappings/adobe-commerce.jsonata', 'utf8'));
  const customer = { customerId: '10542' };
  const mapEvent = async (change: (value: Record<string, unknown>) => void) => {
    const sample = JSON.parse(event);
    change(sample.data.value);
    return mapping.map([sample], now);
  };

  test('a customer: every field that Commerce has', async () => {
    expect(await mapEvent((value) => Object.assign(value, { taxvat: '123456789' }))).toEqual({
      ok: true,
      changes: [
        {
          customer,
          recordId: '65',
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: {
            ...mariaAsShopper,
            BirthDate: maria.BirthDate,
            TaxId: maria.TaxId,
            ...mariasAddresses,
          },
        },
      ],
    });
  });

  test('a batch: the newest values of a customer', async () => {
    const result = await mapping.map(JSON.parse(fixture('io-events.batch.json')), now);
    expect(mergeChanges(result.ok ? result.changes : [])).toMatchObject([
      { customer, fields: { FirstName: 'Marie' } },
    ]);
  });

  test('only the chosen fields; nulls and addresses that are not whole are left out', async () => {
    const few = await mapEvent((value) => {
      for (const name of Object.keys(value)) delete value[name];
      Object.assign(value, { firstname: 'Mia', lastname: null, directscale_customer_id: 10542 });
    });
    expect(few).toMatchObject({
      changes: [{ customer, occurredAt: '2026-11-20T21:03:23.436Z', fields: { FirstName: 'Mia' } }],
    });
    const incomplete = await mapEvent((value) => {
      Object.assign((value.addresses as object[])[0] ?? {}, { postcode: null });
    });
    expect(incomplete).toMatchObject({ ok: true });
    expect(JSON.stringify(incomplete)).not.toContain('Address":{');
  });

  test('billing and shipping are found by flag or by id; the region by code or name; the id in custom_attributes', async () => {
    const result = await mapEvent((value) => {
      const [home] = value.addresses as Record<string, unknown>[];
      const plain = { ...home, default_billing: false, default_shipping: false };
      const abroad = {
        ...plain,
        id: '78',
        street: 'Lange Str. 1\nHinterhaus',
        city: 'Hannover',
        postcode: '30159',
        country_id: 'DE',
        region: { region_code: 'NDS', region: 'Niedersachsen' },
        telephone: '0511 1234567',
      };
      delete value.directscale_customer_id;
      Object.assign(value, {
        addresses: [plain, abroad],
        default_billing: '78',
        custom_attributes: [{ attribute_code: 'directscale_customer_id', value: '10542' }],
      });
    });
    expect(result).toMatchObject({
      changes: [
        {
          customer,
          fields: {
            PrimaryPhone: '+495111234567',
            PrimaryAddress: {
              Street1: 'Lange Str. 1',
              Street2: 'Hinterhaus',
              Region: 'NI',
              CountryCode: 'DE',
            },
            DefaultShippingAddress: mariasAddress,
          },
        },
      ],
    });
  });

  test('an address of the Webhooks module, if it is a default; an incomplete one is reported', async () => {
    const body = JSON.parse(fixture('commerce-webhook.address-save.json'));
    const fields = {
      CompanyName: maria.CompanyName,
      PrimaryPhone: maria.PrimaryPhone,
      ...mariasAddresses,
    };
    expect(await mapping.map(body, now)).toEqual({
      ok: true,
      changes: [{ customer, recordId: '65', fields }],
    });
    const map = (change: object) => mapping.map({ ...body, address: { ...body.address, ...change } }, now);
    expect(await map({ default_billing: false, default_shipping: false })).toEqual({ ok: true, changes: [] });
    const incomplete = { ...body, address: { ...body.address, postcode: null } };
    expect(await mapping.leftOut(incomplete)).toMatchObject([
      { path: 'PrimaryAddress.PostalCode' },
      { path: 'DefaultShippingAddress.PostalCode' },
    ]);
    const { directscale_customer_id: _, ...anonymous } = body;
    expect(await mapping.map(anonymous, now)).toMatchObject({
      changes: [{ customer: { lookUp: [] }, recordId: '65' }],
    });
  });

  test('a customer of the Webhooks module', async () => {
    const body = { customer: { directscale_customer_id: '10542', firstname: 'Mia', addresses: [] } };
    expect(await mapping.map(body, now)).toMatchObject({
      changes: [{ customer, fields: { FirstName: 'Mia' } }],
    });
  });
});
