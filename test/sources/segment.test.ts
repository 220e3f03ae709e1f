import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { keepVerified, keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { segment } from '../../src/sources/segment/segment.ts';
import { maria, mariasAddress } from '../fixtures/maria.ts';
import { sender } from '../fixtures/segment/sender.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/segment');
const secret = 'a shared secret';
const sha1 = (content: string | Uint8Array, key = secret) =>
  createHmac('sha1', key).update(content).digest('hex');

interface Sent {
  readonly secrets?: string[];
  readonly options?: object;
  readonly headers?: Record<string, string>;
}
const verify = (
  body: string | Uint8Array,
  signature: string,
  { secrets = [secret], options = {}, headers = {} }: Sent = {},
) =>
  segment.verify(
    {
      method: 'POST',
      url,
      headers: new Headers({ 'X-Signature': signature, ...headers }),
      body: Buffer.from(body),
    },
    { options: segment.options.parse(options), keys: keysOf(secrets), now },
  );

const fixture = (name: string) => readFile(`test/fixtures/segment/${name}.json`, 'utf8');
const batch = await fixture('identify-batch');
const identify = await fixture('identify');
const events = JSON.parse(batch);

describe('the signature of one event', () => {
  // As Segment's documentation computes it: over JSON.stringify of the body, which is what it sends.
  const body = JSON.stringify(JSON.parse(identify));
  const right = sha1(body);

  test('is accepted, whichever of a rotation signs', () => {
    expect(verify(body, right)).toBe(true);
    expect(verify(body, right, { secrets: ['another', secret] })).toBe(true);
    expect(verify(body, right, { secrets: ['another'] })).toBe(false);
  });

  test('as the sender of the fixtures makes it is accepted', () => {
    const { 'X-Signature': signature = '' } = sender.headers(Buffer.from(body), secret, now, url);
    expect(signature).toBe(right);
  });

  test.each([
    ['over another body', sha1(`${body} `)],
    ['in upper case', right.toUpperCase()],
    ['cut short', right.slice(1)],
    ['by another algorithm', createHmac('sha256', secret).update(body).digest('hex')],
    ['that is none', ''],
  ])('%s is refused', (_, signature) => expect(verify(body, signature)).toBe(false));

  test('whatever is not exactly that of these bytes is refused, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.string({ minLength: 1 }), (bytes, text, key) => {
        fc.pre(bytes[0] !== '['.charCodeAt(0));
        const good = sha1(bytes, key);
        expect(verify(bytes, good, { secrets: [key] })).toBe(true);
        expect(verify(bytes, text.replace(/[^\x21-\x7e]/g, ''), { secrets: [key] })).toBe(false);
        expect(verify(Buffer.concat([bytes, Buffer.from('x')]), good, { secrets: [key] })).toBe(false);
      }),
    );
  });
});

describe('the signature of a batch', () => {
  const right = sha1(JSON.stringify(events[0]));

  test('is that of its first event, or of all of it', () => {
    expect(verify(batch, right)).toBe(true);
    expect(verify(batch, right, { secrets: ['another', secret] })).toBe(true);
    expect(verify(JSON.stringify(events.slice(0, 1)), right)).toBe(true);
    expect(verify(batch, sha1(batch))).toBe(true);
    expect(verify(batch, sha1(`${batch} `))).toBe(false);
    expect(verify(batch, sha1(JSON.stringify(events[1])))).toBe(false);
  });

  test('no byte of the first event may differ, also none that JSON does not mind', () => {
    expect(verify(batch.replace('Maria', 'Marie'), right)).toBe(false);
    expect(verify(batch.replace('{"', '{ "'), right)).toBe(false);
    expect(verify(batch.replace('[{', '[ {'), right)).toBe(false);
    expect(verify(batch.replace('},{', '} ,{'), right)).toBe(false);
    expect(verify(batch.replace('10542', '10542.0'), right)).toBe(false);
    expect(verify(batch.replace('"traits"', '"traits":{},"traits"'), right)).toBe(false);
  });

  test('a whole number past 2^53 cannot be changed within what a double holds', () => {
    const first = JSON.stringify([{ type: 'identify', userId: 12345678901234567000 }]);
    const signature = sha1(first.slice(1, -1));
    expect(verify(first, signature)).toBe(true);
    expect(verify(first.replace('67000', '67001'), signature)).toBe(false);
  });

  test('says nothing of the others: they can only be known by the header', () => {
    const changed = batch.replace('Seán', 'Someone');
    expect(verify(changed, right)).toBe(true);
    const options = { header: 'X-Relay-Key' };
    expect(verify(changed, right, { options })).toBe(false);
    expect(verify(changed, right, { options, headers: { 'X-Relay-Key': 'another' } })).toBe(false);
    expect(verify(changed, right, { options, headers: { 'X-Relay-Key': secret } })).toBe(true);
  });

  test.each([
    ['nothing', '[]'],
    ['no JSON', '[{"type":"identify"'],
    ['ten thousand levels', `${'['.repeat(10_000)}1${']'.repeat(10_000)}`],
    ['bytes that are not UTF-8', Buffer.from('["é"]', 'latin1')],
  ])('of %s that is not signed as a whole: refused, without a throw', (_, body) => {
    expect(verify(body, sha1(''))).toBe(false);
    expect(verify(body, sha1('undefined'))).toBe(false);
  });

  test('nothing of a batch is parsed before it is known to be authentic', () => {
    const parse = vi.spyOn(JSON, 'parse');
    expect(verify(batch, sha1('forged'))).toBe(false);
    expect(verify(batch, right)).toBe(true);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  test('any batch that JSON.stringify writes is accepted, and refused when its first event differs', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (values) => {
        const body = JSON.stringify(values);
        const signature = sha1(JSON.stringify(values[0]));
        expect(verify(body, signature)).toBe(true);
        expect(verify(JSON.stringify([[values[0]], ...values.slice(1)]), signature)).toBe(false);
      }),
    );
  });
});

test('the header is needed besides the signature, also of one event', () => {
  const options = { header: 'x-relay-key' };
  const headers = { 'X-Relay-Key': secret };
  expect(verify(identify, sha1(identify), { options, headers })).toBe(true);
  expect(verify(identify, sha1(identify), { options })).toBe(false);
  expect(verify(identify, '', { options, headers })).toBe(false);
  const secrets = [secret, 'of the header'];
  expect(
    verify(identify, sha1(identify), { options, secrets, headers: { 'X-Relay-Key': 'of the header' } }),
  ).toBe(true);
});

const read = (payload: unknown, options: object = {}) =>
  segment.read(
    keptBefore({
      headers: new Headers(),
      body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    }),
    segment.options.parse(options),
  );
const one = JSON.parse(identify);

describe('what a delivery says', () => {
  test('of one event: its id, and what it tells of a person', () => {
    expect(read(identify)).toEqual({
      id: one.messageId,
      topic: 'identify',
      content: {
        type: 'changes',
        payload: {
          userId: 'user-7f3a',
          customerId: '10542',
          messageId: one.messageId,
          timestamp: '2026-11-20T21:03:22.000Z',
          traits: one.traits,
        },
      },
    });
    expect(read([one])).toEqual(read(identify));
  });

  test.each(['track', 'page', 'screen', 'group', 'alias'])('a call of %s is ignored', (type) => {
    expect(read({ ...one, type }).content.type).toBe('ignored');
  });

  test.each([
    ['nobody', {}],
    ['null', { userId: null }],
    ['an empty id', { userId: '' }],
    ['an object', { userId: {} }],
  ])('an identify call of %s is ignored', (_, userId) => {
    const { userId: __, ...anonymous } = one;
    expect(read({ ...anonymous, ...userId }).content.type).toBe('ignored');
  });

  test.each(['delete', 'suppress'])('a %s request is for a person', (type) => {
    expect(read({ type, userId: 'user-7f3a' }).content).toEqual({
      type: 'for-a-person',
      reason: `Segment tells of a ${type} request for the user user-7f3a`,
    });
    expect(read({ type }).content.type).toBe('for-a-person');
  });

  test('the sample of the documentation: no message id, a version that is a number', async () => {
    const sample = {
      version: 1,
      type: 'identify',
      userId: '019mr8mf4r',
      traits: { email: 'achilles@example.com', name: 'Achilles', friendCount: 29 },
      timestamp: '2012-12-02T00:30:08.276Z',
    };
    expect(read(sample).id).toMatch(/^[0-9a-f]{64}$/);
    expect(read(sample).id).toBe(read(sample).id);
    expect(read(sample).id).not.toBe(read({ ...sample, userId: 'x' }).id);
    expect(read(sample).content.type).toBe('changes');
  });

  test('the DirectScale id is in the trait that the options name, or is the userId', () => {
    const idOf = (event: object, customerId?: unknown) =>
      read({ ...one, ...event }, customerId ? { customerId } : {}).content;
    expect(idOf({})).toMatchObject({ payload: { customerId: '10542' } });
    expect(idOf({ traits: { id: ' 7 ' } }, { trait: 'id' })).toMatchObject({ payload: { customerId: '7' } });
    expect(idOf({ userId: 10543 }, 'userId')).toMatchObject({
      payload: { customerId: '10543', userId: '10543' },
    });
    expect(idOf({ userId: '10543', traits: {} })).not.toHaveProperty('payload.customerId');
    expect(idOf({ traits: {} }, { trait: 'toString' })).not.toHaveProperty('payload.customerId');
  });

  test('traits that are none count as not there', () => {
    expect(read({ ...one, traits: 'text', timestamp: 5 }).content).toMatchObject({ payload: { traits: {} } });
  });

  test.each([['[]'], ['5'], ['null'], ['{}']])('%s is malformed', (body) => {
    expect(() => read(body)).toThrow(MalformedDelivery);
  });
});

describe('a batch', () => {
  const options = { header: 'x-relay-key' };

  test('with the header: each identify call for itself', async () => {
    const { content, topic } = read(batch, options);
    expect(topic).toBeUndefined();
    expect(content).toMatchObject({
      type: 'items',
      items: [
        { payload: { customerId: '10542', userId: 'user-7f3a', traits: one.traits } },
        { payload: { customerId: '20877', userId: 'user-20b7' } },
      ],
    });
  });

  test('without the header: the first event, and the others for a person', async () => {
    const { content } = read(batch);
    expect(content).toMatchObject({
      type: 'items',
      items: [
        { payload: { customerId: '10542' } },
        { forAPerson: expect.stringMatching(/^1 more in the batch/) },
      ],
    });
  });

  test('nothing of it is applied that is not signed', () => {
    const [first, second, track] = events;
    expect(read([track, first]).content.type).toBe('for-a-person');
    expect(read([first, track]).content.type).toBe('changes');
    expect(read([track, track]).content.type).toBe('ignored');
    expect(read([track, second], options).content.type).toBe('changes');
  });

  test('a deletion in it is for a person', () => {
    const items = [one, { type: 'delete', userId: 'user-20b7' }];
    expect(read(items, options).content).toMatchObject({
      items: [{ payload: { customerId: '10542' } }, { forAPerson: expect.stringContaining('user-20b7') }],
    });
  });

  test('that is signed as a whole: each identify call for itself, without the header, too', () => {
    const kept = keepVerified(
      segment,
      {
        method: 'POST',
        url,
        headers: new Headers({ 'X-Signature': sha1(batch), 'Relay-Verified-As': 'x' }),
        body: Buffer.from(batch),
      },
      { options: segment.options.parse({}), keys: keysOf([secret]), now },
    );
    if (!kept) throw new Error('it is signed');
    expect([...kept.headers.keys()]).toEqual(['relay-verified-as']);
    expect(segment.read(kept, segment.options.parse({})).content).toMatchObject({
      items: [{ payload: { customerId: '10542' } }, { payload: { customerId: '20877' } }],
    });
  });

  test('of which only the first event is signed is known by that event: what is put beside it makes no other delivery', () => {
    const [first, ...others] = events;
    expect(read([first, { type: 'track', messageId: 'made up' }]).id).toBe(read([first, ...others]).id);
  });

  test('with an element that is no event: the others are taken, and it is for a person', () => {
    expect(read([one, 5], options).content).toMatchObject({
      items: [{ payload: { customerId: '10542' } }, { forAPerson: expect.stringMatching(/^element 2/) }],
    });
  });

  test('its id is that of all its messages', () => {
    const { id } = read(batch, options);
    expect(read(batch, options).id).toBe(id);
    expect(read(events.slice(0, 2), options).id).not.toBe(id);
    expect(read(events.toReversed(), options).id).not.toBe(id);
  });

  test('of 4000 events is read, of more than 5000 not', () => {
    const { content } = read(
      Array.from({ length: 4000 }, () => ({ ...events[1] })),
      options,
    );
    expect(content).toHaveProperty('items.length', 4000);
    expect(() => read(Array.from({ length: 5001 }, () => ({ type: 'track' })))).toThrow(MalformedDelivery);
  });
});

test.each([{ customerId: 'traits' }, { customerId: { trait: '' } }, { header: 'a b' }, { other: 1 }])(
  'options %j are refused',
  (given) => expect(segment.options.safeParse(given).success).toBe(false),
);

describe('mappings/segment.jsonata', async () => {
  const mapping = mappingOf('segment.jsonata', await readFile('mappings/segment.jsonata', 'utf8'));
  const map = (event: object) => {
    const { content } = read({ ...one, ...event });
    if (content.type !== 'changes') throw new Error(content.type);
    return mapping.map(content.payload, now);
  };
  /** What a call with these traits, and the DirectScale id, sends. */
  const fieldsOf = async (traits: object) => {
    const mapped = await map({ traits: { directscale_customer_id: '10542', ...traits } });
    if (!mapped.ok) throw new Error(JSON.stringify(mapped.violations));
    return mapped.changes[0]?.fields;
  };
  const address = { ...mariasAddress, Street2: '' };

  test('a call with everything', async () => {
    expect(await map({})).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: 'user-7f3a',
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: {
            ...maria,
            PrimaryAddress: address,
            AssociateCustom: { Field1: 'gold' },
          },
        },
      ],
    });
  });

  test('either way to write traits, and numbers', async () => {
    expect(
      await fieldsOf({
        first_name: 'Seán',
        last_name: "O'Neill",
        company: 'Jensen Wellness LLC',
        phone: 8015550142,
        address: {
          ...one.traits.address,
          postalCode: undefined,
          postal_code: 84043,
          country: 'USA',
          state: 'Utah',
        },
      }),
    ).toEqual({
      FirstName: 'Seán',
      LastName: "O'Neill",
      CompanyName: 'Jensen Wellness LLC',
      PrimaryPhone: '+18015550142',
      PrimaryAddress: address,
    });
    expect(await fieldsOf({ firstName: 'Maria', first_name: 'Mary' })).toEqual({ FirstName: 'Maria' });
  });

  test.each([
    ['null', { firstName: null, email: null, phone: null, address: null, company: null, birthday: null }],
    ['empty', { firstName: '', email: ' ', phone: '', address: {}, company: {}, birthday: '' }],
    ['of another form', { firstName: ['a'], email: { a: 1 }, phone: true, address: 'Lehi', company: [] }],
    ['one text for the name, and what DirectScale does not have', { name: 'Maria Jensen', plan: 'premium' }],
  ])('traits that are %s send nothing', async (_, traits) => expect(await fieldsOf(traits)).toBeUndefined());

  test.each(['street', 'city', 'postalCode', 'country'])(
    'an address without %s is left out',
    async (part) => {
      expect(
        await fieldsOf({ address: { ...one.traits.address, [part]: undefined }, firstName: 'M' }),
      ).toEqual({
        FirstName: 'M',
      });
    },
  );

  test('an address without state: the region is empty, unless addresses of the country need one', async () => {
    const noState = { ...one.traits.address, state: undefined };
    expect(await fieldsOf({ address: { ...noState, country: 'Germany' } })).toEqual({
      PrimaryAddress: { ...address, Region: '', CountryCode: 'DE' },
    });
    expect(await fieldsOf({ address: noState, firstName: 'M' })).toEqual({ FirstName: 'M' });
  });

  test.each([
    ['1990-05-01', true],
    ['1990-05-01T00:00:00.000Z', true],
    ['1990-05-01T00:00', true],
    ['1990-05-01T00:00:00+00:00', true],
    ['1990-04-30T22:00:00.000Z', false],
    ['1990-05-01T00:00:00+02:00', false],
    ['05/01/1990', false],
  ])('birthday %s is sent: %s', async (birthday, isSent) => {
    const sent = isSent && { BirthDate: '1990-05-01T00:00:00' };
    expect(await fieldsOf({ birthday, firstName: 'M' })).toEqual({ FirstName: 'M', ...sent });
  });

  test.each([
    ['a phone', { phone: 'call me' }],
    ['a phone without country', { phone: '801-555-0142' }],
    ['a country', { address: { ...one.traits.address, country: 'Atlantis' } }],
    ['an address of mail', { email: 'maria' }],
  ])('%s that cannot be read is a violation', async (_, traits) => {
    expect(await map({ traits: { directscale_customer_id: '10542', ...traits } })).toMatchObject({
      ok: false,
    });
  });

  test('without a DirectScale id, the user id and the address of mail name the customer', async () => {
    expect(await map({ traits: { email: 'maria.jensen@example.com' } })).toMatchObject({
      changes: [
        {
          customer: { lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }] },
          recordId: 'user-7f3a',
        },
      ],
    });
    expect(await map({ traits: { firstName: 'Maria' } })).toMatchObject({
      changes: [{ customer: { lookUp: [] }, recordId: 'user-7f3a' }],
    });
  });

  test('a call without timestamp has no time', async () => {
    const result = await map({ timestamp: undefined });
    expect(result.ok && result.changes.map(({ occurredAt }) => occurredAt)).toEqual([undefined]);
  });
});
