import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { salesforce } from '../../src/sources/salesforce/salesforce.ts';
import { maria, mariasAddress } from '../fixtures/maria.ts';
import { sender } from '../fixtures/salesforce/sender.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const secrets = ['one', 'two'];
const options = salesforce.options.parse({});
const fixture = (name: string) => readFile(`test/fixtures/salesforce/${name}`, 'utf8');
const message = await fixture('outbound-message.contact.xml');

const request = (body: string, query = '', headers: Record<string, string> = {}) => ({
  method: 'POST',
  url: new URL(`https://relay.example.com/api/webhooks/crm${query}`),
  headers: new Headers(headers),
  body: Buffer.from(body),
});
const read = (body: string, more: object = {}) =>
  salesforce.read(keptBefore(request(body)), salesforce.options.parse(more));
const readEvent = (event: unknown, more: object = {}) => read(JSON.stringify(event), more);

describe('the secret', () => {
  test.each([
    ['?key=two', {}, true],
    ['', { 'X-Relay-Key': 'one' }, true],
    ['?key=three', {}, false],
    ['?key=', { 'X-Relay-Key': '' }, false],
    ['', {}, false],
    ['?code=one', { Authorization: 'one' }, false],
  ])('%s %j: %s', (query, headers, valid) => {
    const given = request(message, query, headers as Record<string, string>);
    expect(salesforce.verify(given, { options, keys: keysOf(secrets), now })).toBe(valid);
  });

  test('is sent by the sender of the fixtures', () => {
    const webhook = new URL('https://relay.example.com/api/webhooks/crm');
    const url = sender.url?.(webhook, 'a+b/c=') ?? webhook;
    expect(salesforce.verify({ ...request(message), url }, { options, keys: keysOf(['a+b/c=']), now })).toBe(
      true,
    );
  });

  test('anything else is refused, without a throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, body) => {
        const query = `?key=${encodeURIComponent(text.toWellFormed())}`;
        const strict = salesforce.options.parse({ organizationId: '00D7F00000107Xs' });
        const given = request(body, query);
        expect(salesforce.verify(given, { options: strict, keys: keysOf(secrets), now })).toBe(
          secrets.includes(text),
        );
      }),
    );
  });

  test.each([
    ['00D7F00000107XsUAI', true],
    ['00D7F00000107Xs', true],
    ['00D7F00000107XtUAI', false],
  ])('the organization must be that of the options: %s is %s', (organizationId, valid) => {
    const strict = salesforce.options.parse({ organizationId });
    expect(
      salesforce.verify(request(message, '?key=one'), { options: strict, keys: keysOf(secrets), now }),
    ).toBe(valid);
  });

  test('an organization id that is none is no option', () => {
    expect(salesforce.options.safeParse({ organizationId: '00E7F00000107Xs' }).success).toBe(false);
  });
});

describe('an outbound message', () => {
  test('says what a contact holds', () => {
    expect(read(message)).toMatchObject({
      topic: 'Contact',
      content: {
        type: 'changes',
        payload: {
          object: 'Contact',
          recordId: '0037F00002abcDEQAY',
          customerId: '10542',
          occurredAt: '2026-11-20T21:03:22.000Z',
          changedBy: '0057F000001abcdQAA',
          snapshot: true,
        },
      },
    });
  });

  test('has an id that is equal for a repeat, and another one for what changed since', () => {
    const repeat = message.replace('04k7F0000008V3hQAE', '04k7F0000008V3hQAF').replaceAll('\n     ', '\n');
    expect(read(repeat).id).toBe(read(message).id);
    const later = message.replaceAll('21:03:22', '21:03:23');
    const another = message.replace('04l7F000008aeAyQAI', '04l7F000008aeAzQAI');
    expect(new Set([message, later, another].map((text) => read(text).id)).size).toBe(3);
  });

  test('with several notifications is an item for each', async () => {
    const { content } = read(await fixture('outbound-message.contact-batch.xml'));
    expect(content).toMatchObject({
      type: 'items',
      items: [{ payload: { customerId: '10542' } }, { payload: { customerId: '20877' } }],
    });
  });

  test('with a notification without id: it is for a person, the others are taken', async () => {
    const batch = await fixture('outbound-message.contact-batch.xml');
    expect(read(batch.replace(/<Id>04l\w+<\/Id>/, '<Id></Id>')).content).toMatchObject({
      items: [{ forAPerson: 'a notification without an Id' }, { payload: { customerId: '20877' } }],
    });
  });

  test('holds ids with or without decimals, and none where the field is empty', () => {
    const withId = (text: string) =>
      read(message.replace('>10542<', `>${text}<`)).content as { payload?: { customerId?: string } };
    expect(withId('10542.0').payload?.customerId).toBe('10542');
    expect(withId(' 10542 ').payload?.customerId).toBe('10542');
    expect(withId('').payload?.customerId).toBeUndefined();
  });

  test('takes the id from another field', () => {
    const { content } = read(message, { idField: 'DirectScale_Tax_Id__c' });
    expect(content).toMatchObject({ payload: { customerId: '123456789' } });
  });

  test('about another object is ignored; one without a record is for a person', () => {
    expect(read(message.replace('sf:Contact', 'sf:Opportunity')).content.type).toBe('ignored');
    expect(read(message, { objects: ['Account'] }).content.type).toBe('ignored');
    const without = message.replace(/<sObject[\s\S]*<\/sObject>/, '');
    expect(read(without).content).toEqual({
      type: 'for-a-person',
      reason: 'a record without data: it may have been deleted',
    });
    const bare = message.replace(/<sf:(?!Id>)(\w+)[^>]*>[\s\S]*?<\/sf:\1>|<sf:\w+ xsi:nil="true"\/>/g, '');
    expect(read(bare).content).toMatchObject({
      reason: 'Contact 0037F00002abcDEQAY without data: it may have been deleted',
    });
  });

  test.each([
    [
      'with a session id',
      (text: string) => text.replace('<SessionId xsi:nil="true"/>', '<SessionId>00D!x</SessionId>'),
    ],
    ['without organization', (text: string) => text.replace(/<OrganizationId>.*<\/OrganizationId>/, '')],
    ['without notifications', (text: string) => text.replace(/<Notification>[\s\S]*<\/Notification>/, '')],
    [
      'with 101 notifications',
      (text: string) => text.replace(/<Notification>[\s\S]*<\/Notification>/, (one) => one.repeat(101)),
    ],
    ['in another namespace', (text: string) => text.replace('2005/09/outbound', '2005/09/inbound')],
    ['that is another XML', () => '<a/>'],
    ['that is no XML', () => '<a'],
  ])('%s is malformed', (_, change) => expect(() => read(change(message))).toThrow(MalformedDelivery));

  test('is acknowledged as the WSDL says; an event has no answer of its own', () => {
    const reply = salesforce.acknowledge?.(keptBefore(request(message)), options);
    expect(reply).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/xml; charset=utf-8' } });
    expect(reply?.body?.match(/<Ack>true<\/Ack>/g)).toHaveLength(1);
    expect(salesforce.acknowledge?.(keptBefore(request('{}')), options)).toBeUndefined();
  });
});

describe('a change event', async () => {
  const event = JSON.parse(await fixture('cdc.contact-update.json'));
  const avro = JSON.parse(await fixture('cdc.account-update.pubsub.json'));
  const created = JSON.parse(await fixture('cdc.account-create.json'));
  const withHeader = (header: object, fields: object = {}) => ({
    ...event,
    payload: {
      ...event.payload,
      ...fields,
      ChangeEventHeader: { ...event.payload.ChangeEventHeader, ...header },
    },
  });

  test('says what changed, and who changed it', () => {
    expect(readEvent(event)).toMatchObject({
      topic: 'Contact UPDATE',
      content: {
        type: 'changes',
        payload: {
          object: 'Contact',
          recordId: '0037F00002abcDEQAY',
          occurredAt: 1_795_208_602_000,
          changedBy: '0057F000001abcdQAA',
          changed: ['FirstName', 'Email', 'MailingStreet', 'MailingCity', 'LastModifiedDate'],
        },
      },
    });
  });

  test('of Avro: null is "not changed", but for what is listed', () => {
    expect(readEvent(avro).content).toMatchObject({
      payload: {
        changed: ['LastModifiedDate', 'Name', 'BillingState', 'Phone'],
        fields: { Name: 'Jensen Wellness LLC', BillingState: 'UT', Phone: '' },
      },
    });
  });

  test('may be in any envelope, alone or with others, under the same id', () => {
    const { id } = readEvent(event);
    for (const envelope of [event.payload, [event], { data: event }, { detail: { payload: event.payload } }])
      expect(readEvent(envelope).id).toBe(id);
    const two = readEvent([event, avro]);
    expect(two.content).toMatchObject({
      type: 'items',
      items: [{ payload: { object: 'Contact' } }, { payload: { object: 'Account' } }],
    });
    expect(two.id).not.toBe(id);
    expect(two.topic).toBeUndefined();
  });

  test('has an id of its own for each place in a transaction', () => {
    const ids = [
      {},
      { sequenceNumber: 2 },
      { transactionKey: 'x' },
      { recordIds: ['x'] },
      { transactionKey: null },
    ];
    expect(new Set(ids.map((header) => readEvent(withHeader(header)).id)).size).toBe(5);
  });

  test('of several records is the same change of each', () => {
    const recordIds = ['0037F00002abcDEQAY', '0037F00002abcDFQAY'];
    expect(readEvent(withHeader({ recordIds })).content).toMatchObject({
      type: 'items',
      items: recordIds.map((recordId) => ({ payload: { recordId } })),
    });
    const oneId = withHeader({ recordIds }, { DirectScale_Customer_Id__c: '10542' });
    expect(readEvent(oneId).content.type).toBe('for-a-person');
  });

  test.each(['DELETE', 'UNDELETE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_OVERFLOW'])(
    '%s is for a person',
    (changeType) => {
      expect(readEvent(withHeader({ changeType })).content).toEqual({
        type: 'for-a-person',
        reason: `${changeType} of Contact 0037F00002abcDEQAY`,
      });
    },
  );

  test.each([
    ['without a list of what changed', { changedFields: null }],
    ['whose list names what the event does not tell', { changedFields: ['Email', 'MobilePhone'] }],
  ])('%s is for a person', (_, header) =>
    expect(readEvent(withHeader(header)).content.type).toBe('for-a-person'),
  );

  test('whose list names more than that, of no use here, is a change', () => {
    const changedFields = ['Email', 'Rating__c', 'LastModifiedDate', 'Bad"Name'];
    expect(readEvent(withHeader({ changedFields })).content).toMatchObject({
      payload: { changed: ['Email', 'LastModifiedDate'] },
    });
  });

  test('of a new record is a snapshot, if it has the DirectScale id', () => {
    expect(readEvent(created).content).toMatchObject({ payload: { customerId: '10542', snapshot: true } });
    const { DirectScale_Customer_Id__c: _, ...without } = created.payload;
    expect(readEvent(without).content.type).toBe('ignored');
  });

  test('about another object is ignored', () => {
    expect(readEvent(withHeader({ entityName: 'Opportunity', changeType: 'DELETE' })).content.type).toBe(
      'ignored',
    );
  });

  test.each([[{}], [[]], ['text']])('%j is malformed', (body) =>
    expect(() => readEvent(body)).toThrow(MalformedDelivery),
  );

  test.each([{ ChangeEventHeader: {} }, { ChangeEventHeader: { entityName: 'A b' } }, 5, null, {}])(
    'beside others that cannot be read, %j, is taken, and they are for a person',
    (bad) => {
      expect(readEvent([bad, event]).content).toMatchObject({
        items: [{ forAPerson: expect.stringMatching(/^element 1 of the batch/) }, { payload: {} }],
      });
    },
  );

  test('whose list of changed fields is a bitmap that nobody decoded is for a person', () => {
    const undecoded = withHeader({ changedFields: ['0x400008'] }, { Email: 'changed@example.com' });
    expect(readEvent(undecoded).content).toMatchObject({
      type: 'for-a-person',
      reason: expect.stringContaining('bitmap of changed fields is not decoded: 0x400008'),
    });
  });

  test('with a null that nulledFields does not list clears nothing', () => {
    const header = { changedFields: ['Phone', 'Title'], nulledFields: [] };
    const contradicting = withHeader(header, { Phone: null, Title: null, Email: 'real@example.com' });
    expect(readEvent(contradicting).content).toMatchObject({
      type: 'for-a-person',
      reason: expect.stringContaining('Phone changed, but the event does not tell it'),
    });
    const cleared = withHeader({ ...header, nulledFields: ['Phone'] }, { Phone: null });
    expect(readEvent(cleared).content).toMatchObject({ payload: { fields: { Phone: '' } } });
  });
});

describe('mappings/salesforce.jsonata', async () => {
  const mapping = mappingOf('salesforce.jsonata', await readFile('mappings/salesforce.jsonata', 'utf8'));
  const map = async (body: string) => {
    const { content } = read(body);
    if (content.type === 'changes') return mapping.map(content.payload, now);
    throw new Error(content.type);
  };
  const event = JSON.parse(await fixture('cdc.contact-update.json')).payload;
  const mapEvent = (changedFields: string[], fields: object, header: object = {}) =>
    map(
      JSON.stringify({
        ChangeEventHeader: { ...event.ChangeEventHeader, changedFields, ...header },
        ...fields,
      }),
    );
  const fieldsOf = (fields: object) => ({ ok: true, changes: [expect.objectContaining({ fields })] });
  const parts = {
    Street: '2600 Executive Pkwy\r\nSuite 400',
    City: 'Lehi',
    State: 'Utah',
    PostalCode: '84043',
    Country: 'United States',
  };

  test('an outbound message of everything', async () => {
    expect(await map(message)).toEqual({
      ok: true,
      changes: [
        {
          customer: { customerId: '10542' },
          recordId: '0037F00002abcDEQAY',
          changedBy: '0057F000001abcdQAA',
          occurredAt: '2026-11-20T21:03:22.000Z',
          fields: {
            ...maria,
            PrimaryAddress: mariasAddress,
            AssociateCustom: { Field1: 'gold' },
          },
        },
      ],
    });
  });

  test('of a message, an address without street, city, zip or state is left out', async () => {
    for (const part of ['MailingStreet', 'MailingCity', 'MailingPostalCode']) {
      const partial = message.replace(new RegExp(`<sf:${part}>[\\s\\S]*</sf:${part}>`), '');
      const mapped = await map(partial);
      expect(mapped).toMatchObject({ ok: true, changes: [{ fields: { FirstName: 'Maria' } }] });
      expect(mapped.ok && mapped.changes[0]?.fields.PrimaryAddress).toBeUndefined();
    }
    const noState = await map(message.replace(/<sf:MailingState(Code)?>.*\n/g, ''));
    expect(noState).toMatchObject({ ok: true, changes: [{ fields: { FirstName: 'Maria' } }] });
    expect(noState.ok && noState.changes[0]?.fields.PrimaryAddress).toBeUndefined();
  });

  test('of an event, only the parts of an address that changed', async () => {
    expect(await map(JSON.stringify(event))).toEqual(
      fieldsOf({
        FirstName: 'Maria',
        EmailAddress: 'maria.jensen@example.com',
        PrimaryAddress: { Street1: mariasAddress.Street1, Street2: 'Suite 400', City: 'Lehi' },
      }),
    );
    expect(await mapEvent(['MailingAddress.Street'], { MailingAddress: { Street: '1 Main St' } })).toEqual(
      fieldsOf({ PrimaryAddress: { Street1: '1 Main St', Street2: '' } }),
    );
    expect(await mapEvent(['MailingAddress.State'], { MailingAddress: { State: 'UT' } })).toEqual(
      fieldsOf({ PrimaryAddress: { Region: 'UT' } }),
    );
  });

  test('of an event that tells the rest of the address, all of it', async () => {
    expect(await mapEvent(['MailingAddress.City'], { MailingAddress: parts })).toEqual(
      fieldsOf({ PrimaryAddress: mariasAddress }),
    );
    expect(await mapEvent(['MailingAddress'], { MailingAddress: parts })).toEqual(
      fieldsOf({ PrimaryAddress: mariasAddress }),
    );
    expect(await mapEvent(['Email'], { Email: 'm@example.com', MailingAddress: parts })).toEqual(
      fieldsOf({ EmailAddress: 'm@example.com' }),
    );
  });

  test('a state that needs its country, and an address that was emptied, are violations', async () => {
    expect(await mapEvent(['MailingAddress.State'], { MailingAddress: { State: 'Utah' } })).toMatchObject({
      ok: false,
      violations: [{ message: expect.stringContaining('state or province') }],
    });
    for (const emptied of [{ MailingAddress: null }, { MailingAddress: { City: null } }]) {
      expect(await mapEvent(['MailingAddress.City'], emptied)).toMatchObject({
        ok: false,
        violations: [{ path: 'PrimaryAddress.City' }],
      });
    }
  });

  test('what was emptied is sent empty, but for what DirectScale cannot clear', async () => {
    const nulled = [
      'Name.FirstName',
      'Phone',
      'Birthdate',
      'DirectScale_Language__c',
      'DirectScale_Field_3__c',
    ];
    expect(await mapEvent([], {}, { nulledFields: nulled })).toEqual(
      fieldsOf({ FirstName: '', PrimaryPhone: '', AssociateCustom: { Field3: '' } }),
    );
    expect(await mapEvent([], {}, { nulledFields: ['Birthdate'] })).toMatchObject({
      violations: [{ path: 'BirthDate' }],
    });
  });

  test('a phone needs a country: its own, or that of the address', async () => {
    const phone = { Phone: '(801) 555-0142' };
    expect(await mapEvent(['Phone'], phone)).toMatchObject({ ok: false });
    expect(await mapEvent(['Phone'], { ...phone, MailingAddress: parts })).toEqual(
      fieldsOf({ PrimaryPhone: '+18015550142' }),
    );
  });

  test('birth dates of either dialect', async () => {
    const birthDate = fieldsOf({ BirthDate: '1990-05-01T00:00:00' });
    expect(await mapEvent(['Birthdate'], { Birthdate: '1990-05-01' })).toEqual(birthDate);
    expect(await mapEvent(['Birthdate'], { Birthdate: 641_520_000_000 })).toEqual(birthDate);
  });

  test('accounts: of companies and of persons', async () => {
    expect(await map(await fixture('cdc.account-update.pubsub.json'))).toEqual(
      fieldsOf({ CompanyName: 'Jensen Wellness LLC', PrimaryPhone: '', PrimaryAddress: { Region: 'UT' } }),
    );
    const account = { entityName: 'Account' };
    expect(
      await mapEvent(
        ['Name.LastName', 'PersonEmail', 'PersonMailingAddress.City', 'ShippingAddress'],
        {
          Name: { LastName: 'Jensen' },
          PersonEmail: 'm@example.com',
          PersonMailingAddress: { City: 'Lehi' },
          BillingAddress: parts,
          ShippingAddress: parts,
        },
        account,
      ),
    ).toEqual(
      fieldsOf({
        LastName: 'Jensen',
        EmailAddress: 'm@example.com',
        PrimaryAddress: { City: 'Lehi' },
        DefaultShippingAddress: mariasAddress,
      }),
    );
  });

  test('without a DirectScale id: by e-mail address', async () => {
    const lookUp = async (result: ReturnType<typeof map>) => {
      const mapped = await result;
      return mapped.ok ? mapped.changes[0]?.customer : mapped;
    };
    const noId = message.replace('>10542<', '><');
    const byEmail = { lookUp: [{ by: 'emailAddress', value: 'maria.jensen@example.com' }] };
    expect(await lookUp(map(noId))).toEqual(byEmail);
    const enriched = { Name: { FirstName: 'M' }, Email: 'maria.jensen@example.com' };
    expect(await lookUp(mapEvent(['Name.FirstName'], enriched))).toEqual(byEmail);
  });

  test('each item of a batch is mapped for itself', async () => {
    const { content } = read(await fixture('outbound-message.contact-batch.xml'));
    const results = [];
    for (const item of content.type === 'items' ? content.items : [])
      results.push('payload' in item ? await mapping.map(item.payload, now) : item);
    // The second has a phone without country, and no address to tell it.
    expect(results).toMatchObject([
      { ok: true, changes: [{ fields: { PrimaryPhone: expect.any(String) } }] },
      { ok: true, changes: [{ fields: expect.not.objectContaining({ PrimaryPhone: expect.anything() }) }] },
    ]);
  });
});
