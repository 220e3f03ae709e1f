import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { sampleSentNow } from '../../local/sender.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { type JsonValue, MalformedDelivery } from '../../src/sources/kind.ts';
import { zoho } from '../../src/sources/zoho/zoho.ts';
import { maria, mariasAddress, mariasAddresses } from '../fixtures/maria.ts';
import { sender } from '../fixtures/zoho/sender.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { startServer } from '../test-server.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/zoho');
const given = { dataCentre: 'us', clientId: '1000.CLIENT' };
const options = zoho.options.parse(given);
const fixture = (name: string) => readFile(`test/fixtures/zoho/${name}.json`, 'utf8');
const sample = JSON.parse(await fixture('contacts-update.notification'));
const contact = JSON.parse(await fixture('contact.response'));
const [person] = contact.data;
const id = '3652397000000649013';

test('options: no module and no field that could be part of another path, no unknown data centre', () => {
  for (const wrong of [{ module: '../x' }, { module: '' }, { idField: 'a/b' }, { dataCentre: 'mars' }]) {
    expect(zoho.options.safeParse({ ...given, ...wrong }).success).toBe(false);
  }
  expect(zoho.options.safeParse({ dataCentre: 'us' }).success).toBe(false);
});

describe('the token of the channel', () => {
  const verify = (body: string | Uint8Array, secrets = ['first', 'second']) => {
    const request = { method: 'POST', url, headers: new Headers(), body: Buffer.from(body) };
    return zoho.verify(request, { options, keys: keysOf(secrets), now });
  };

  test('is one of the secrets', () => {
    expect(verify('{"token":"first"}')).toBe(true);
    expect(verify('{"token":"second"}')).toBe(true);
    for (const body of [
      '{"token":"third"}',
      '{"token":"First"}',
      '{"token":"first "}',
      '{"token":""}',
      '{"token":null}',
      '{"token":["first"]}',
      '{"Token":"first"}',
      '{"data":{"token":"first"}}',
      '"first"',
      'token=first',
      '',
    ]) {
      expect(verify(body)).toBe(false);
    }
    expect(verify('{"token":""}', [''])).toBe(false);
  });

  test('as the sender has it; one letter of it changed is refused', () => {
    const body = sampleSentNow(sender, Buffer.from(JSON.stringify(sample, null, 2)), 'first', now);
    expect(verify(body)).toBe(true);
    expect(verify(body.toString('utf8').replace('"first"', '"firsT"'))).toBe(false);
  });

  test('is the one of the object itself, wherever it stands in it', () => {
    for (const body of [
      '\ufeff{"token":"first"}',
      '{"a":{"token":"x"},"b":["token",{"token":"y"}],"token"  :\n "first"}',
      '{"a":"\\"token\\":\\"second","token":"first"}',
      '{"\\u0074oken":"fir\\u0073t"}',
      '{"token":"first","a":"token"}',
    ])
      expect([body, verify(body, ['first'])]).toEqual([body, true]);
    for (const body of [
      '{"token":"x","token":"first"}',
      '{"token":"first","token":"first"}',
      '{"a":"token","b":"first"}',
      '{"token":5,"first":"first"}',
      '{"token":{"first":"first"}}',
      '[{"token":"first"}]',
      '{"token":"first',
    ])
      expect([body, verify(body, ['first'])]).toEqual([body, false]);
  });

  test('is found in a body of the largest size within a few ms, whatever it is made of', () => {
    const sizes = ['"', '\\', '{', '[', '"token":', '{"token":', ' ', '":'].map((part) => {
      const body = Buffer.from(part.repeat(Math.ceil(1_048_576 / part.length)));
      const begun = performance.now();
      verify(body);
      return performance.now() - begun;
    });
    // A machine that is busy takes longer; what grew with the square of the size would take hours.
    expect(Math.max(...sizes)).toBeLessThan(1000);
  });

  test('is nothing else, without a throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.uint8Array(), (text, secret, bytes) => {
        expect(verify(JSON.stringify({ token: text }), [secret])).toBe(text === secret);
        expect(verify(bytes, [secret])).toBe(false);
      }),
    );
    expect(verify('['.repeat(10_000))).toBe(false);
  });
});

const read = (payload: unknown) =>
  zoho.read(
    keptBefore({
      headers: new Headers(),
      body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    }),
    options,
  );
const with_ = (more: object) => ({ ...sample, ...more });

describe('what a notification says', () => {
  test('whose record is to be read', () => {
    expect(read(sample)).toMatchObject({
      topic: 'Contacts update',
      content: { type: 'items', items: [{ record: { record: id } }] },
    });
  });

  test('what changed, where Zoho tells', async () => {
    const { content } = read(await fixture('contacts-update.with-values.notification'));
    expect(content).toEqual({
      type: 'items',
      items: [{ record: { record: id, changed: ['First_Name', 'Mailing_City'] } }],
    });
  });

  test.each([
    [['Email'], ['Email']],
    [[{ [id]: ['Email', 'Phone'] }], ['Email', 'Phone']],
    [[{ '1': ['Email'] }], undefined],
    [7, undefined],
    [[null], undefined],
  ])('names in affected_fields, however they are written: %j', (affected_fields, changed) => {
    const { content } = read(with_({ affected_fields }));
    expect(content).toEqual({
      type: 'items',
      items: [{ record: { record: id, ...(changed && { changed }) } }],
    });
  });

  test('several records, each with what changed of it, and none twice', () => {
    const affected_values = [
      { record_id: '2', values: { Email: 'a@example.com' } },
      { record_id: 3, values: { Phone: null } },
    ];
    const { content } = read(with_({ ids: ['1', '2', '3', '2'], affected_values }));
    expect(content).toEqual({
      type: 'items',
      items: [
        { record: { record: '1' } },
        { record: { record: '2', changed: ['Email'] } },
        { record: { record: '3', changed: ['Phone'] } },
      ],
    });
  });

  test('an id that is a number keeps its digits', () => {
    expect(read(JSON.stringify(sample).replace(`"${id}"`, id)).content).toMatchObject({
      items: [{ record: { record: id } }],
    });
  });

  test.each(['insert', 'create', 'Insert'])('%s: a new record', (operation) => {
    expect(read(with_({ operation, affected_fields: ['Email'] })).content).toEqual({
      type: 'items',
      items: [{ record: { record: id, isNew: true } }],
    });
  });

  test.each(['delete', 'restore', 'merge'])('%s is for a person', (operation) => {
    expect(read(with_({ operation })).content).toEqual({
      type: 'for-a-person',
      reason: `${operation} of Contacts ${id}`,
    });
  });

  test('the fixture of a deletion', async () => {
    const { content } = read(await fixture('contacts-delete.notification'));
    expect(content).toEqual({ type: 'for-a-person', reason: `delete of Contacts ${id}` });
  });

  test('without an operation, or without a record, it is for a person', () => {
    expect(read(with_({ operation: undefined })).content).toMatchObject({ type: 'for-a-person' });
    for (const ids of [undefined, [], 'x', ['../1'], [{}]]) {
      expect(read(with_({ ids })).content).toEqual({
        type: 'for-a-person',
        reason: 'update of Contacts without an id',
      });
    }
  });

  test('with neither it is no more than a test', () => {
    expect(read({ token: 'first', channel_id: 1 }).content).toMatchObject({ type: 'ignored' });
  });

  test.each(['Leads', 'Accounts', 'contacts'])(
    'the module %s is ignored, also where it is deleted',
    (module) => {
      for (const operation of ['update', 'delete']) {
        expect(read(with_({ module, operation })).content).toMatchObject({ type: 'ignored' });
      }
    },
  );

  test.each(['', '[]', '7', 'null', '{"a":'])('a body that is no object is malformed: %j', (body) => {
    expect(() => read(body)).toThrow(MalformedDelivery);
  });

  test('the id: by channel, time and body; without a time each is looked at', () => {
    const idOf = (payload: unknown) => read(payload).id;
    expect(idOf(sample)).toBe(idOf(sample));
    expect(idOf(sample)).toMatch(/^1000000068001:1795208602000:[0-9a-f]{64}$/);
    for (const more of [{ server_time: 1 }, { channel_id: '2' }, { ids: ['2'] }, { operation: 'delete' }]) {
      expect(idOf(with_(more))).not.toBe(idOf(sample));
    }
    const timeless = with_({ server_time: undefined });
    expect(idOf(timeless)).not.toBe(idOf(timeless));
  });

  test('is acknowledged with 200', () => {
    const request = { headers: new Headers(), body: Buffer.from('{}') };
    expect(zoho.acknowledge?.(keptBefore(request), options)).toEqual({ status: 200 });
  });
});

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Zoho: gives access tokens t1, t2, … and answers each read with the next of `answers`; yields what was read. */
async function withZoho(
  answers: readonly Answer[],
  work: (baseUrl: string) => Promise<void>,
): Promise<string[]> {
  const asked: string[] = [];
  let tokens = 0;
  await using server = await startServer((response, { url: path, headers }) => {
    if (path.endsWith('/oauth/v2/token')) {
      response.end(JSON.stringify({ access_token: `t${++tokens}`, expires_in: 3600 }));
      return;
    }
    const { status = 200, body = {}, headers: more = {} } = answers[asked.length] ?? { status: 500 };
    asked.push(`${path} ${headers.authorization}`);
    response.writeHead(status, more).end(status === 204 ? undefined : JSON.stringify(body));
  });
  await work(server.url.origin);
  return asked;
}

describe('reading the record', () => {
  const fetched = (baseUrl: string, thin: JsonValue = { record: id }, more: object = {}) =>
    zoho.fetch?.(thin, {
      options: zoho.options.parse({ ...given, baseUrl, accountsUrl: baseUrl, ...more }),
      secret: async (name) => `value of ${name}`,
      timeoutMs: 2000,
    });

  test('asks the configured host, with an access token', async () => {
    const asked = await withZoho([{ body: contact }], async (baseUrl) => {
      expect(await fetched(baseUrl)).toEqual({
        type: 'found',
        payload: { customerId: '10542', record: person },
      });
    });
    expect(asked).toEqual([`/crm/v8/Contacts/${id} Zoho-oauthtoken t1`]);
  });

  test('asks for another module, below a base address with a path, with one token for all', async () => {
    const asked = await withZoho([{ body: contact }, { body: contact }], async (baseUrl) => {
      await fetched(`${baseUrl}/proxy/`, { record: id }, { module: 'Members', accountsUrl: baseUrl });
      await fetched(`${baseUrl}/proxy`, { record: id }, { module: 'Members', accountsUrl: baseUrl });
    });
    const expected = `/proxy/crm/v8/Members/${id} Zoho-oauthtoken t1`;
    expect(asked).toEqual([expected, expected]);
  });

  test('tells what changed, and whether the record is new', async () => {
    const answers = [{ body: contact }, { body: contact }];
    await withZoho(answers, async (baseUrl) => {
      const changed = ['Email', 'Some_Other_Field'];
      expect(await fetched(baseUrl, { record: id, changed })).toMatchObject({ payload: { changed } });
      expect(await fetched(baseUrl, { record: id, isNew: true })).toMatchObject({ payload: { isNew: true } });
    });
  });

  test.each([
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [' 10542 ', '10542'],
    [10542, '10542'],
  ])('the DirectScale id of %j', async (value, customerId) => {
    const body = { data: [{ ...person, DirectScale_Customer_Id: value }] };
    await withZoho([{ body }], async (baseUrl) => {
      const found = await fetched(baseUrl);
      if (found?.type !== 'found') throw new Error(found?.type);
      expect((found.payload as { customerId?: string }).customerId).toBe(customerId);
    });
  });

  test('a field that changed but cannot be read is for a person, not a clear', async () => {
    const { Mobile: _, ...others } = person;
    await withZoho([{ body: { data: [others] } }], async (baseUrl) => {
      expect(await fetched(baseUrl, { record: id, changed: ['Mobile', 'Email'] })).toEqual({
        type: 'for-a-person',
        reason: `Mobile of Contacts ${id} changed, but the token cannot read it`,
      });
    });
  });

  test.each([
    ['none', { status: 204 }, { type: 'gone' }],
    ['not known', { status: 400, body: { code: 'INVALID_DATA' } }, { type: 'for-a-person' }],
    ['somebody else', { body: { data: [{ ...person, id: '1' }] } }, { type: 'unavailable' }],
    ['an empty list', { body: { data: [] } }, { type: 'unavailable' }],
    ['not Zoho', { body: { hello: 1 } }, { type: 'unavailable' }],
    ['a token that is refused', { status: 401 }, { type: 'refused-by-vendor', status: 401 }],
    ['no permission', { status: 403 }, { type: 'refused-by-vendor', status: 403 }],
    [
      'too many calls',
      { status: 429, headers: { 'Retry-After': '3' } },
      { type: 'unavailable', retryAfterMs: 3000 },
    ],
    [
      'a redirect',
      { status: 302, headers: { Location: 'https://example.com' } },
      { type: 'refused-by-vendor', status: 302 },
    ],
    ['an outage', { status: 503 }, { type: 'unavailable', status: 503 }],
  ])('%s', async (_, answer, expected) => {
    const asked = await withZoho([answer], async (baseUrl) => {
      expect(await fetched(baseUrl)).toMatchObject(expected);
    });
    // A brand-new token is not asked for twice.
    expect(asked).toHaveLength(1);
  });

  test('with a token that Zoho has forgotten: once more with another one', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const answers = [{ body: contact }, { status: 401 }, { body: contact }];
    const asked = await withZoho(answers, async (baseUrl) => {
      await fetched(baseUrl);
      vi.advanceTimersByTime(10 * 60_000);
      expect(await fetched(baseUrl)).toMatchObject({ type: 'found' });
    });
    expect(asked.map((call) => call.split(' ').at(-1))).toEqual(['t1', 't1', 't2']);
  });

  test('without an access token nobody is asked', async () => {
    expect(await fetched('http://127.0.0.1:1')).toEqual({ type: 'unavailable' });
  });

  test('the answers of the sample are those of Zoho', () => {
    expect(sender.answer?.(`/crm/v8/Contacts/${id}`, now)).toEqual({
      data: [{ ...person, Modified_Time: now.toISOString() }],
    });
    expect(sender.answer?.('/oauth/v2/token', now)).toHaveProperty('access_token');
    expect(sender.answer?.('/crm/v8/Contacts/1', now)).toBeUndefined();
  });
});

describe('mappings/zoho.jsonata', async () => {
  const mapping = mappingOf('zoho.jsonata', await readFile('mappings/zoho.jsonata', 'utf8'));
  const map = (record: object = {}, more: object = {}) =>
    mapping.map({ customerId: '10542', record: { ...person, ...record }, ...more }, now);
  const fieldsOf = async (...args: Parameters<typeof map>) => {
    const result = await map(...args);
    if (!result.ok) throw new Error(JSON.stringify(result.violations));
    return result.changes[0]?.fields;
  };
  const all = { ...maria, ...mariasAddresses, AssociateCustom: { Field1: 'gold', Field7: '7' } };
  const both = (address: object) => ({ PrimaryAddress: address, DefaultShippingAddress: address });
  const changing = (...changed: string[]) => ({ changed });

  test('a record of which nobody says what changed: everything that is not empty', async () => {
    expect(await map()).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: id,
          changedBy: '3652397000000186017',
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: all,
        },
      ],
    });
  });

  test('what changed, and nothing else', async () => {
    expect(await fieldsOf({}, changing('First_Name'))).toEqual({ FirstName: 'Maria' });
    expect(await fieldsOf({}, changing('Account_Name', 'DirectScale_Field_7', 'Description'))).toEqual({
      CompanyName: 'Jensen Wellness LLC',
      AssociateCustom: { Field7: '7' },
    });
    expect(await fieldsOf({}, changing('Description'))).toBeUndefined();
  });

  const emptied = [
    'First_Name',
    'Last_Name',
    'Email',
    'Account_Name',
    'Phone',
    'Mobile',
    'Date_of_Birth',
    'DirectScale_Secondary_Phone',
    'DirectScale_Language',
    'DirectScale_Tax_Id',
    'DirectScale_Field_1',
    'DirectScale_Field_7',
  ];
  const nothing = (none: unknown) => Object.fromEntries(emptied.map((name) => [name, none]));

  test.each([null, ''])('what is %j is cleared where it is said to have changed', async (none) => {
    expect(await fieldsOf(nothing(none), changing(...emptied))).toEqual({
      FirstName: '',
      LastName: '',
      EmailAddress: '',
      CompanyName: '',
      PrimaryPhone: '',
      SecondaryPhone: '',
      TextPhone: '',
      TaxId: '',
      AssociateCustom: { Field1: '', Field7: '' },
    });
  });

  test.each([null, '', undefined])('and not sent where nobody says so: %j', async (none) => {
    expect(await fieldsOf(nothing(none))).toEqual(mariasAddresses);
  });

  test('an address is sent whole as soon as a part of it changed', async () => {
    expect(await fieldsOf({}, changing('Mailing_City'))).toEqual(mariasAddresses);
    expect(await fieldsOf({ Mailing_Street: '1 Main St' }, changing('Mailing_Street'))).toEqual(
      both({ ...mariasAddress, Street1: '1 Main St', Street2: '' }),
    );
  });

  test('of one that is not whole, the parts that changed', async () => {
    const half = { Mailing_Street: null };
    expect(await fieldsOf(half, changing('Mailing_City', 'Mailing_State'))).toEqual(
      both({ City: 'Lehi', Region: 'UT' }),
    );
    expect(await fieldsOf(half)).not.toHaveProperty('PrimaryAddress');
    const result = await map({ Mailing_City: null }, changing('Mailing_City'));
    expect(result.ok ? [] : result.violations.map(({ path }) => path)).toEqual([
      'PrimaryAddress.City',
      'DefaultShippingAddress.City',
    ]);
  });

  test('where there is no state, the region is empty, unless addresses of the country need one', async () => {
    const german = { Mailing_State: null, Mailing_Country: 'Deutschland' };
    expect(await fieldsOf(german, changing('Mailing_City'))).toEqual(
      both({ ...mariasAddress, Region: '', CountryCode: 'DE' }),
    );
    expect(await map({ Mailing_State: null }, changing('Mailing_City'))).toMatchObject({
      violations: [{ path: 'PrimaryAddress.Region' }, { path: 'DefaultShippingAddress.Region' }],
    });
  });

  test('a new record without the DirectScale id is nobody yet', async () => {
    expect(await map({}, { isNew: true, customerId: undefined })).toEqual({ ok: true, changes: [] });
    expect(await fieldsOf({}, { isNew: true })).toEqual(all);
  });

  test('without the DirectScale id she is found by link or e-mail', async () => {
    const lookUpOf = async (more: object) => {
      const result = await map({}, { customerId: undefined, ...more });
      return result.ok && result.changes[0]?.customer;
    };
    const byEmail = { lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }] };
    expect(await lookUpOf({})).toEqual(byEmail);
    expect(await lookUpOf(changing('First_Name'))).toEqual(byEmail);
  });

  test('without its own time the record has none', async () => {
    const result = await map({ Modified_Time: undefined });
    expect(result.ok && result.changes.map(({ occurredAt }) => occurredAt)).toEqual([undefined]);
  });

  test('several choices are one text, a plain account name is one, too', async () => {
    const record = { DirectScale_Field_1: ['gold', 'blue'], Account_Name: 'Jensen Wellness LLC' };
    expect(await fieldsOf(record, changing('DirectScale_Field_1', 'Account_Name'))).toEqual({
      CompanyName: 'Jensen Wellness LLC',
      AssociateCustom: { Field1: 'gold, blue' },
    });
  });

  test('what cannot be normalized is a violation', async () => {
    expect(await map({ Mailing_State: 'Nowhere' }, changing('Mailing_State'))).toMatchObject({
      violations: ['PrimaryAddress.Region', 'DefaultShippingAddress.Region'].map((path) => ({
        path,
        message: expect.stringContaining('state or province'),
      })),
    });
    expect(await map({ Phone: '030 5550142', Mailing_Country: null }, changing('Phone'))).toMatchObject({
      violations: [{ message: expect.stringContaining('phone number') }],
    });
  });
});

describe('what is kept of a body', () => {
  const keptOf = (body: string) =>
    Buffer.from(zoho.withoutSecret?.(Buffer.from(body)) ?? '').toString('utf8');

  test('is all of it but the token, digit for digit', () =>
    expect(keptOf('{"ids":[4150868000003194003], "token": "TOKEN_FOR_\\"VERIFICATION"}')).toBe(
      '{"ids":[4150868000003194003], "token": ""}',
    ));

  test('holds no token either when it was written with escapes', () =>
    expect(JSON.parse(keptOf('{"token":"\\u0041BC","module":"Contacts"}'))).toEqual({
      token: '',
      module: 'Contacts',
    }));

  test('is every other byte as it was sent: a byte order mark, digits, spaces', () => {
    const body =
      '\ufeff{ "token" : "a token", "server_time":1795208603000.10, "ids":[1.0,12345678901234567890] }';
    expect(keptOf(body)).toBe(body.replace('"a token"', '""'));
  });

  test('holds no token either where it stands a second time', () => {
    expect(keptOf('{"query_params":{"t":"a token"},"resource_uri":"/x?t=a token","token":"a token"}')).toBe(
      '{"query_params":{"t":""},"resource_uri":"/x?t=","token":""}',
    );
  });

  test.each(['{"module":"Contacts"}', 'no JSON'])('is %s as it is', (body) =>
    expect(keptOf(body)).toBe(body),
  );
});
