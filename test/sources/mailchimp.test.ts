import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { mailchimp } from '../../src/sources/mailchimp/mailchimp.ts';
import { sender } from '../fixtures/mailchimp/sender.ts';
import { maria, mariasAddress } from '../fixtures/maria.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const t = now.getTime() / 1000;
const secret = 'b1946ac92492d2347c6235b4d2611184';
const body = 'type=profile&data%5Bid%5D=1';
const options = mailchimp.options.parse({});
const byUrl = mailchimp.options.parse({ authentication: 'url' });
const webhook = new URL('https://relay.example.com/api/webhooks/mailchimp');

const v1Of = (key: string, time: number | string = t, content: string | Uint8Array = body) =>
  createHmac('sha256', key).update(`${time}.`).update(content).digest('hex');

interface Sent {
  readonly method?: string;
  readonly url?: URL;
  readonly signature?: string;
  readonly content?: string | Uint8Array;
}
const requestOf = ({ method = 'POST', url = webhook, signature = '', content = body }: Sent) => ({
  method,
  url,
  headers: new Headers({ 'X-Mailchimp-Signature': signature }),
  body: Buffer.from(content),
});
const verify = (signature: string, secrets = [secret], content: string | Uint8Array = body) =>
  mailchimp.verify(requestOf({ signature, content }), { options, keys: keysOf(secrets), now });
const withKey = (key: string) => new URL(`${webhook.href}?key=${encodeURIComponent(key)}`);

describe('a signature', () => {
  test('as the sender of the fixtures makes it is accepted', () => {
    const { 'X-Mailchimp-Signature': signature = '' } = sender.headers(
      Buffer.from(body),
      secret,
      now,
      webhook,
    );
    expect(verify(signature)).toBe(true);
  });

  test('cannot be replaced by the secret in the address', () => {
    const request = requestOf({ url: withKey(secret) });
    expect(mailchimp.verify(request, { options, keys: keysOf([secret]), now })).toBe(false);
  });
});

describe('a secret in the address', () => {
  const verifyUrl = (url: URL, secrets = [secret]) =>
    mailchimp.verify(requestOf({ url }), { options: byUrl, keys: keysOf(secrets), now });

  test('is accepted, whichever of a rotation it is', () => {
    expect(verifyUrl(withKey(secret))).toBe(true);
    expect(verifyUrl(withKey(secret), ['another', secret])).toBe(true);
    expect(verifyUrl(withKey('ä &+='), ['ä &+='])).toBe(true);
  });

  test('is refused when it is another, or not there', () => {
    expect(verifyUrl(withKey(`${secret}x`))).toBe(false);
    expect(verifyUrl(withKey(''))).toBe(false);
    expect(verifyUrl(webhook)).toBe(false);
  });

  test('is needed even where the request is signed', () => {
    const request = requestOf({ signature: `t=${t},v1=${v1Of(secret)}` });
    expect(mailchimp.verify(request, { options: byUrl, keys: keysOf([secret]), now })).toBe(false);
  });
});

describe('the check when the webhook is made', () => {
  const check = (sent: Sent, of = options) =>
    mailchimp.handshake?.(requestOf(sent), { options: of, keys: keysOf([secret]), now });

  test('is answered 200: the signing secret does not exist yet', () => {
    expect(check({ method: 'GET' })).toEqual({ status: 200 });
    expect(check({ method: 'HEAD' })).toEqual({ status: 200 });
  });

  test('is answered 200 to the secret in the address only, where that is what is checked', () => {
    expect(check({ method: 'GET', url: withKey(secret) }, byUrl)).toEqual({ status: 200 });
    expect(check({ method: 'GET', url: withKey('another') }, byUrl)).toBeUndefined();
    expect(check({ method: 'GET' }, byUrl)).toBeUndefined();
  });

  test('is not what a delivery is', () => {
    expect(check({})).toBeUndefined();
    expect(check({ url: withKey(secret) }, byUrl)).toBeUndefined();
  });
});

const fixture = (name: string) => readFile(`test/fixtures/mailchimp/${name}.txt`, 'utf8');
const read = (form: string, given: object = {}) =>
  mailchimp.read(
    keptBefore({ headers: new Headers(), body: Buffer.from(form) }),
    mailchimp.options.parse(given),
  );

describe('what a delivery says', async () => {
  const profile = await fixture('profile');

  test.each([
    ['profile', 'changes'],
    ['upemail', 'changes'],
    ['subscribe', 'ignored'],
    ['unsubscribe', 'ignored'],
    ['unsubscribe.delete', 'for-a-person'],
    ['cleaned', 'ignored'],
    ['campaign', 'ignored'],
  ])('%s: %s', async (name, type) => {
    const delivery = read(await fixture(name));
    expect(delivery.content.type).toBe(type);
    expect(delivery.topic).toBe(name.split('.')[0]);
  });

  test('who subscribes is taken where the options say so', async () => {
    expect(read(await fixture('subscribe'), { subscribe: true }).content.type).toBe('changes');
  });

  test('any other reason to leave the audience is for a person, named where it is a name', async () => {
    const deleted = await fixture('unsubscribe.delete');
    expect(read(deleted).content).toMatchObject({ reason: expect.stringContaining('(action delete)') });
    const odd = read(deleted.replace('=delete', '=%3Cb%3E'));
    expect(odd.content).toEqual({
      type: 'for-a-person',
      reason: 'a contact was removed from the audience in Mailchimp',
    });
  });

  test('its id is equal for a repeat, and another for any other change', async () => {
    const { id } = read(profile);
    expect(id).toMatch(/^profile:5e7c1a90b2:2026-11-20 21:03:22:[0-9a-f]{64}$/);
    expect(read(profile).id).toBe(id);
    expect(read(profile.replace('Maria', 'Marie')).id).not.toBe(id);
    expect(read(profile.replace('03%3A22', '03%3A23')).id).not.toBe(id);
    expect(read(await fixture('upemail')).id).toMatch(/^upemail:77aa01bc3d:/);
  });

  test('fired_at is a time in the time zone of the options; one that cannot be read is left out', () => {
    const timeOf = (form: string, timeZone = 'UTC') => read(form, { timeZone }).content;
    expect(timeOf(profile)).toMatchObject({ payload: { occurredAt: '2026-11-20T21:03:22.000Z' } });
    expect(timeOf(profile, 'America/Denver')).toMatchObject({
      payload: { occurredAt: '2026-11-21T04:03:22.000Z' },
    });
    expect(timeOf(profile.replace('2026-11', 'Nov'))).not.toHaveProperty('payload.occurredAt');
  });

  test('the DirectScale id is that of the field that the options name', () => {
    expect(read(profile).content).toMatchObject({ payload: { customerId: '10542' } });
    const other = read(profile.replace('DSID', 'ASSOC'), { idField: 'ASSOC' });
    expect(other.content).toMatchObject({ payload: { customerId: '10542' } });
    expect(read(profile, { idField: 'ASSOC' }).content).not.toHaveProperty('payload.customerId');
  });

  test.each([
    ['an empty body', ''],
    ['JSON', '{"type":"profile"}'],
    ['no type', 'data%5Bid%5D=1'],
    ['no data', 'type=profile'],
    ['data that is a text', 'type=profile&data=x'],
    ['merge fields that are a text', 'type=profile&data%5Bmerges%5D=x'],
  ])('%s is malformed', (_, form) => expect(() => read(form)).toThrow(MalformedDelivery));
});

test.each([{ idField: 'ds id' }, { timeZone: 'Mars/Olympus' }, { authentication: 'none' }, { other: 1 }])(
  'options %j are refused',
  (given) => expect(mailchimp.options.safeParse(given).success).toBe(false),
);

describe('mappings/mailchimp.jsonata', async () => {
  const mapping = mappingOf('mailchimp.jsonata', await readFile('mappings/mailchimp.jsonata', 'utf8'));
  const profile = await fixture('profile');
  const map = (form: string) => {
    const { content } = read(form, { subscribe: true });
    if (content.type !== 'changes') throw new Error(content.type);
    return mapping.map(content.payload, now);
  };
  /** The fixture's contact with other merge fields. */
  const withMerges = (merges: Record<string, string>) => {
    const form = new URLSearchParams(profile);
    for (const [path, value] of Object.entries(merges)) form.set(`data[merges]${path}`, value);
    return map(form.toString());
  };
  const fieldsOf = async (result: Promise<unknown>) => {
    const mapped = await result;
    expect(mapped).toMatchObject({ ok: true });
    return (mapped as { changes: [{ fields: Record<string, unknown> }] }).changes[0].fields;
  };
  const person = { FirstName: 'Maria', LastName: 'Jensen', EmailAddress: 'maria.jensen@example.com' };

  test('a profile: everything that it holds', async () => {
    expect(await map(profile)).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: '5e7c1a90b2',
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: {
            ...maria,
            PrimaryAddress: mariasAddress,
            DefaultShippingAddress: { ...mariasAddress, Street2: '' },
            AssociateCustom: { Field1: 'gold' },
          },
        },
      ],
    });
  });

  test('what is empty is not sent', async () => {
    expect(await fieldsOf(map(await fixture('subscribe')))).toEqual(person);
    const fields = await fieldsOf(withMerges({ '[LNAME]': '', '[PHONE]': ' ', '[DSFIELD1]': '' }));
    for (const name of ['LastName', 'PrimaryPhone', 'AssociateCustom'])
      expect(fields).not.toHaveProperty(name);
  });

  test.each(['addr1', 'city', 'zip', 'country'])('an address without %s is left out', async (part) => {
    const fields = await fieldsOf(
      withMerges({ [`[ADDRESS][${part}]`]: '', '[PHONE]': '+18015550142', '[DSPHONE2]': '', '[DSTEXT]': '' }),
    );
    expect(fields).not.toHaveProperty('PrimaryAddress');
    expect(fields).toHaveProperty('DefaultShippingAddress.Street1');
  });

  test('names of countries and states become codes; without the state that the country has, no address is sent', async () => {
    const named = await fieldsOf(
      withMerges({ '[ADDRESS][state]': 'Utah', '[ADDRESS][country]': 'United States' }),
    );
    expect(named.PrimaryAddress).toEqual(mariasAddress);
    const german = withMerges({ '[ADDRESS][state]': '', '[ADDRESS][country]': 'Deutschland' });
    expect((await fieldsOf(german)).PrimaryAddress).toEqual({
      ...mariasAddress,
      Region: '',
      CountryCode: 'DE',
    });
    expect(await fieldsOf(withMerges({ '[ADDRESS][state]': '' }))).not.toHaveProperty('PrimaryAddress');
  });

  test.each([
    ['a phone', { '[PHONE]': 'call me' }, 'PrimaryPhone'],
    ['a birth date of another order', { '[DSBIRTH]': '05/01/1990' }, 'BirthDate'],
    ['a language', { '[DSLANG]': 'Klingon' }, 'LanguageCode'],
    ['a state', { '[ADDRESS][state]': 'Zion' }, 'PrimaryAddress'],
  ])('%s that cannot be read is left out', async (_, merges, field) => {
    const before = await fieldsOf(withMerges({}));
    expect(before).toHaveProperty(field);
    const { [field as keyof typeof before]: __, ...others } = before;
    expect(await fieldsOf(withMerges(merges))).toEqual(others);
  });

  test('another address of mail: the customer is looked up by the one from before', async () => {
    expect(await map(await fixture('upemail'))).toEqual({
      ok: true,
      changes: [
        {
          customer: {
            lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }],
          },
          recordId: '77aa01bc3d',
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: { EmailAddress: 'maria+new@example.com' },
        },
      ],
    });
  });

  test('without a DirectScale id, the record and the address of mail name the customer', async () => {
    expect(await withMerges({ '[DSID]': '' })).toMatchObject({
      changes: [
        {
          customer: { lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }] },
          recordId: '5e7c1a90b2',
        },
      ],
    });
  });

  test('a DirectScale id that is none is a violation', async () => {
    expect(await withMerges({ '[DSID]': 'B-10542' })).toMatchObject({
      ok: false,
      violations: [{ path: 'customer.0.customerId' }],
    });
  });
});
