import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDelivery } from '../../src/delivery/attempt/read-delivery.ts';
import { generic } from '../../src/sources/generic/generic.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { crm } from '../delivery/relay-in-memory.ts';
import { maria, mariaAsShopper, mariasAddresses } from '../fixtures/maria.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keptOf, keysOf } from './keys.ts';

const now = new Date('2026-11-23T12:00:00Z');
const secrets = ['first:secret', 'second:secret'];
const fixture = (name: string) => readFileSync(`test/fixtures/generic/${name}`, 'utf8');
const optionsOf = (authentication: object, deliveryId: unknown = 'body') =>
  generic.options.parse({ authentication, deliveryId });

function verify(
  authentication: object,
  headers: Record<string, string>,
  { query = '', body = '{}' as string | Uint8Array, valid = secrets, at = now } = {},
) {
  const request = {
    method: 'POST',
    url: new URL(`https://relay.example.com/api/webhooks/any${query}`),
    headers: new Headers(headers),
    body: Buffer.from(body),
  };
  return generic.verify(request, {
    options: optionsOf(authentication),
    keys: keysOf(valid, generic.secretForm?.(optionsOf(authentication))),
    now: at,
  });
}

describe('a shared secret', () => {
  const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  test.each([
    ['header', { by: 'header', header: 'X-Relay-Key' }, { 'x-relay-key': 'second:secret' }, ''],
    [
      'prefix',
      { by: 'header', header: 'authorization', prefix: 'Token ' },
      { Authorization: 'Token first:secret' },
      '',
    ],
    ['basic', { by: 'basic' }, basic('first:secret'), ''],
    ['query', { by: 'query', parameter: 'key' }, {}, '?key=second%3Asecret'],
  ])('%s: accepted', (_, authentication, headers, query) => {
    expect(verify(authentication, headers as Record<string, string>, { query })).toBe(true);
  });

  test.each([
    ['no header', { by: 'header', header: 'x-relay-key' }, {}, ''],
    ['empty', { by: 'header', header: 'x-relay-key' }, { 'x-relay-key': '' }, ''],
    ['one letter less', { by: 'header', header: 'x-relay-key' }, { 'x-relay-key': 'first:secre' }, ''],
    ['another case', { by: 'header', header: 'x-relay-key' }, { 'x-relay-key': 'First:secret' }, ''],
    ['no prefix', { by: 'header', header: 'x-k', prefix: 'Token ' }, { 'x-k': 'first:secret' }, ''],
    [
      'in the query, where a header is due',
      { by: 'header', header: 'x-relay-key' },
      {},
      '?x-relay-key=first:secret',
    ],
    ['basic, wrong password', { by: 'basic' }, basic('first:secreT'), ''],
    ['basic, not base64', { by: 'basic' }, { Authorization: 'Basic first:secret' }, ''],
    ['bearer', { by: 'basic' }, { Authorization: 'Bearer first:secret' }, ''],
    ['query, wrong', { by: 'query', parameter: 'key' }, {}, '?key=first'],
    ['query, empty', { by: 'query', parameter: 'key' }, {}, '?key='],
    ['query, another name', { by: 'query', parameter: 'key' }, {}, '?code=first:secret'],
  ])('%s: refused', (_, authentication, headers, query) => {
    expect(verify(authentication, headers as Record<string, string>, { query })).toBe(false);
  });

  test('anything else is refused, without a throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const printable = text.replace(/[^\x20-\x7e]/g, '').trim();
        const isOne = secrets.includes(printable);
        expect(verify({ by: 'header', header: 'x-k' }, { 'x-k': printable })).toBe(isOne);
        expect(verify({ by: 'basic' }, { Authorization: printable })).toBe(false);
        expect(verify({ by: 'basic' }, basic(text))).toBe(secrets.includes(text));
      }),
    );
  });
});

describe('an HMAC', () => {
  const hmac = { by: 'hmac', header: 'X-Signature' };

  test('of RFC 4231, test case 2 (SHA-256, SHA-384, SHA-512) and of RFC 2202, test case 2 (SHA-1)', () => {
    const body = 'what do ya want for nothing?';
    for (const [algorithm, signature] of [
      ['sha256', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
      ['sha1', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
      [
        'sha512',
        '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
      ],
      [
        'sha384',
        'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
      ],
    ] as const) {
      expect(
        verify({ ...hmac, algorithm }, { 'x-signature': signature }, { body, valid: ['x', 'Jefe'] }),
      ).toBe(true);
      expect(
        verify({ ...hmac, algorithm }, { 'x-signature': signature }, { body: `${body} `, valid: ['Jefe'] }),
      ).toBe(false);
    }
  });

  test('in every algorithm, encoding and form of key; nothing else', () => {
    const algorithms = fc.constantFrom(
      'sha256' as const,
      'sha384' as const,
      'sha512' as const,
      'sha1' as const,
    );
    const encodings = fc.constantFrom('hex' as const, 'base64' as const, 'base64url' as const);
    const forms = fc.constantFrom('text' as const, 'hex' as const, 'base64' as const);
    const bytes = fc.uint8Array({ minLength: 16 });
    fc.assert(
      fc.property(
        algorithms,
        encodings,
        forms,
        bytes,
        bytes,
        fc.nat(),
        (algorithm, encoding, form, key, body, n) => {
          const secret =
            form === 'text' ? `k${Buffer.from(key).toString('hex')}` : Buffer.from(key).toString(form);
          const signature = createHmac(algorithm, form === 'text' ? secret : key)
            .update(body)
            .digest(encoding);
          const options = { ...hmac, algorithm, encoding, key: form, prefix: 'v=' };
          const check = (value: string, sent: Uint8Array = body, valid = ['00', secret]) =>
            verify(options, { 'x-signature': value }, { body: sent, valid });
          expect(check(`v=${signature}`)).toBe(true);
          expect(check(`v=${signature}`, body, [`ff${secret}`])).toBe(false);
          const changed = Buffer.from(body);
          changed[n % body.length] = (changed[n % body.length] ?? 0) ^ 1;
          expect(check(`v=${signature}`, changed)).toBe(false);
          for (const wrong of [signature, `v=${signature.slice(1)}`, `v=${signature}A`, 'v=', '']) {
            expect(check(wrong)).toBe(false);
          }
        },
      ),
    );
  });

  test('a key that decodes to nothing signs nothing', () => {
    const signature = createHmac('sha256', '').update('{}').digest('hex');
    expect(verify({ ...hmac, key: 'hex' }, { 'x-signature': signature }, { valid: ['no hex'] })).toBe(false);
  });

  describe('with a timestamp', () => {
    const timed = {
      ...hmac,
      signed: 'v0:{timestamp}:{body}',
      timestamp: { header: 'X-Time', toleranceSeconds: 60 },
    };
    const send = (time: string, { signedTime = time, at = now } = {}) => {
      const signature = createHmac('sha256', 'second:secret').update(`v0:${signedTime}:{}`).digest('hex');
      return verify(timed, { 'x-signature': signature, 'x-time': time }, { at });
    };
    const seconds = now.getTime() / 1000;

    test.each([
      ['seconds', `${seconds}`, true],
      ['milliseconds', `${now.getTime()}`, true],
      ['ISO 8601', now.toISOString(), true],
      ['an HTTP date', now.toUTCString(), true],
      ['60 s old', `${seconds - 60}`, true],
      ['60 s ahead', `${seconds + 60}`, true],
      ['61 s old', `${seconds - 61}`, false],
      ['61 s ahead', `${seconds + 61}`, false],
      ['text behind', `${seconds}x`, false],
      ['no zone', '2026-11-23T12:00:00', false],
      ['none', '', false],
    ])('%s: %s is %s', (_, time, valid) => expect(send(time)).toBe(valid));

    test('another time than the signed one is refused', () => {
      expect(send(`${seconds}`, { signedTime: `${seconds - 1}` })).toBe(false);
    });

    test('a replacement pattern in it is plain text', () => expect(send('$&')).toBe(false));
  });

  test("Klaviyo's system webhooks: body followed by the text of the time", () => {
    const options = {
      by: 'hmac',
      header: 'Klaviyo-Signature',
      signed: '{body}{timestamp}',
      timestamp: { header: 'Klaviyo-Timestamp' },
    };
    const time = now.toUTCString();
    const signature = createHmac('sha256', 'second:secret').update(`{}${time}`).digest('hex');
    expect(verify(options, { 'klaviyo-signature': signature, 'klaviyo-timestamp': time })).toBe(true);
  });

  test.each([
    { ...hmac, signed: 'no body' },
    { ...hmac, signed: '{body}{body}' },
    { ...hmac, signed: '{timestamp}{body}' },
    { ...hmac, timestamp: { header: 'x-time' } },
    { ...hmac, algorithm: 'md5' },
    { by: 'none' },
    { by: 'header', header: 'not a name' },
  ])('cannot be configured: %o', (authentication) => {
    expect(generic.options.safeParse({ authentication, deliveryId: 'body' }).success).toBe(false);
  });
});

describe('what a delivery says', () => {
  const read = (
    body: string | Uint8Array,
    deliveryId: unknown = 'body',
    headers: Record<string, string> = {},
  ) => {
    const options = optionsOf({ by: 'basic' }, deliveryId);
    return generic.read(keptOf(generic, headers, body, options), options);
  };

  test('the id: by header, by field, by body, or none', () => {
    const headers = { 'X-Delivery-Id': '1' };
    const byHeader = { header: 'X-Delivery-Id' };
    expect(read('{}', byHeader, headers).id).toBe(read('{}', byHeader, headers).id);
    expect(read('{}', byHeader, headers).id).not.toBe(read('{}', byHeader, { 'X-Delivery-Id': '2' }).id);
    expect(read('{}', byHeader, headers).id).not.toBe(read('[]', byHeader, headers).id);
    expect(read('{}', { header: 'Idempotency-Key' }, { 'Idempotency-Key': 'a' }).id).toMatch(/^a:/);

    const hmac = { by: 'hmac', header: 'x-signature' };
    const signed = (id: string, more: object = {}) => {
      const options = optionsOf({ ...hmac, ...more }, byHeader);
      const sent = { 'X-Delivery-Id': id, 'X-Time': '1795435200' };
      return generic.read(keptOf(generic, sent, '{}', options), options).id;
    };
    expect(signed('1')).toBe(signed('2'));
    const timed = { signed: '{timestamp}.{body}', timestamp: { header: 'x-time' } };
    expect(signed('1', timed)).not.toBe(signed('2', timed));

    const byField = { field: 'meta.id' };
    expect(read('{"meta":{"id":7},"try":1}', byField).id).toBe(read('{"meta":{"id":7},"try":2}', byField).id);
    expect(read('{"meta":{"id":7}}', byField).id).not.toBe(read('{"meta":{"id":"7"}}', byField).id);
    expect(read('{"a":1}', byField).id).not.toBe(read('{"a":2}', byField).id);

    expect(read('{"a":1}').id).toBe(read('{"a":1}').id);
    expect(read('{"a":1}').id).not.toBe(read('{"a":2}').id);
    expect(read('{}', 'none').id).not.toBe(read('{}', 'none').id);
  });

  describe('a change without a time of its own', () => {
    const signed = { by: 'hmac', header: 'x-signature', signed: '{timestamp}.{body}' };
    const options = optionsOf({ ...signed, timestamp: { header: 'x-time' } }, { header: 'x-delivery-id' });
    const body = JSON.stringify({ customer: { customerId: '7' }, fields: { FirstName: 'Anna' } });
    const occurredAt = async (id: string, sentAt: string, receivedAt: Date) => {
      const kept = keptOf(generic, { 'x-delivery-id': id, 'x-time': sentAt }, body, options);
      const { content } = await readDelivery({ ...crm, kind: generic, options }, kept, receivedAt);
      const [element] = content.type === 'elements' ? content.elements : [];
      return element?.type === 'change' ? element.change.occurredAt : undefined;
    };

    test('is as old as its signed time, also if it is sent again under another id', async () => {
      const sentAt = '2026-11-23T12:00:00Z';
      for (const [id, late] of [['1', 1000] as const, ['2', 240_000] as const])
        expect(await occurredAt(id, sentAt, new Date(now.getTime() + late))).toBe('2026-11-23T12:00:00.000Z');
    });

    test('is no later than its receipt, whatever the clock of its sender', async () => {
      expect(await occurredAt('1', '2026-11-23T12:04:00Z', now)).toBe(now.toISOString());
    });
  });

  test.each([
    'X-Signature',
    'X-Api-Key',
    'Authorization',
    'X-Token-Id',
    'Cookie',
    'x-relay-key',
    'X-Secret-Id',
  ])('the header %s is neither kept nor an id', (name) => {
    const kept = keptOf(generic, { [name]: 'x' }, '{}', optionsOf({ by: 'basic' }));
    expect([...kept.headers]).toEqual([]);
    const options = { authentication: { by: 'basic' }, deliveryId: { header: name } };
    expect(generic.options.safeParse(options).success).toBe(false);
  });

  test('JSON, whatever its content type, and forms', () => {
    expect(read('{"a":[1]}', 'body', { 'Content-Type': 'text/plain' }).content).toEqual({
      type: 'changes',
      payload: { a: [1] },
    });
    const form = { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' };
    expect(read('a=1%2B1&b=J%C3%BCrgen+K&c=x=y&d&a=2&__proto__=p', 'body', form).content).toEqual({
      type: 'changes',
      payload: JSON.parse('{"a":"2","b":"Jürgen K","c":"x=y","d":"","__proto__":"p"}'),
    });
    expect(Reflect.get({}, 'p')).toBeUndefined();
    expect(read('address[city]=Lehi&address[zip]=84043&tags[]=a&tags[]=b', 'body', form).content).toEqual({
      type: 'changes',
      payload: { address: { city: 'Lehi', zip: '84043' }, tags: { 0: 'a', 1: 'b' } },
    });
    for (const body of ['a=%FF', 'a=%', Buffer.from('a=\xff', 'latin1')]) {
      expect(() => read(body, 'body', form)).toThrow(MalformedDelivery);
    }
    expect(() => read('a=1')).toThrow(MalformedDelivery);
  });
});

const customer = { customerId: '10542' };
const occurredAt = '2026-11-20T21:03:22.000Z';

describe('mappings/klaviyo-flow.jsonata', () => {
  const mapping = mappingOf('klaviyo', readFileSync('mappings/klaviyo-flow.jsonata', 'utf8'));
  const sample = JSON.parse(fixture('klaviyo-flow.json'));

  test('every field of the sample', async () => {
    expect(await mapping.map(sample, now)).toEqual({
      ok: true,
      changes: [
        {
          customer,
          occurredAt,
          fields: {
            ...mariaAsShopper,
            ...mariasAddresses,
            LanguageCode: maria.LanguageCode,
            BirthDate: maria.BirthDate,
          },
        },
      ],
    });
  });

  test('what is empty is not sent; an incomplete address is left out', async () => {
    const empty = Object.fromEntries(Object.keys(sample).map((name) => [name, '']));
    const few = {
      ...empty,
      directscale_customer_id: 10542,
      first_name: 'Mia',
      city: 'Lehi',
      last_name: null,
    };
    expect(await mapping.map(few, now)).toEqual({
      ok: true,
      changes: [{ customer, fields: { FirstName: 'Mia' } }],
    });
    const anonymous = await mapping.map({ ...sample, directscale_customer_id: '' }, now);
    expect(anonymous).toMatchObject({ changes: [{ customer: { lookUp: [{ by: 'emailAddress' }] } }] });
    expect(await mapping.leftOut({ ...sample, country: 'Atlantis' })).toContainEqual({
      path: 'PrimaryAddress.CountryCode',
      reason: 'is not a country, by code or by name',
    });
  });
});

describe('mappings/zoho-workflow.jsonata', () => {
  const mapping = mappingOf('zoho', readFileSync('mappings/zoho-workflow.jsonata', 'utf8'));
  const sample = JSON.parse(fixture('zoho-workflow.json'));

  test('every field of the sample', async () => {
    const result = await mapping.map({ ...sample, mailing_street: '2600 Executive Pkwy\r\nSuite 400' }, now);
    expect(result).toEqual({
      ok: true,
      changes: [
        {
          customer,
          recordId: '3652397000000649013',
          occurredAt,
          fields: {
            FirstName: 'Maria',
            LastName: 'Jensen',
            EmailAddress: 'maria.jensen@example.com',
            PrimaryPhone: '+18015550142',
            TextPhone: '+18015550142',
            ...mariasAddresses,
            BirthDate: '1990-05-01T00:00:00',
          },
        },
      ],
    });
  });

  test('a form with a few fields: no address of one line, nothing that is empty', async () => {
    const form = Object.fromEntries(
      new URLSearchParams(`${fixture('zoho-workflow-form.txt')}&phone=&mobile=null`),
    );
    expect(await mapping.map(form, now)).toEqual({
      ok: true,
      changes: [
        {
          customer,
          recordId: '3652397000000649013',
          occurredAt,
          fields: { FirstName: 'Maria', LastName: 'Jensen', EmailAddress: 'maria.jensen@example.com' },
        },
      ],
    });
  });

  test('a body without the id of the contact', async () => {
    const { id: _, ...withoutId } = sample;
    const result = await mapping.map(withoutId, now);
    expect(result).toMatchObject({ ok: true, changes: [{ customer }] });
    expect(result).not.toHaveProperty('changes.0.recordId');
  });
});
