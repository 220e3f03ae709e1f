import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { directscale } from '../../src/sources/directscale/directscale.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-23T12:00:00Z');
const sample = await readFile('test/fixtures/directscale/update-associate.json');
const read = (body: unknown, headers: Record<string, string> = {}, options = {}) =>
  directscale.read(
    keptBefore({
      headers: new Headers(headers),
      body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
    }),
    options,
  );

describe('the secret', () => {
  const verify = (authorization: string, secrets = ['first-secret', 'second-secret']) =>
    directscale.verify(
      {
        method: 'POST',
        url: new URL('https://relay.example.com/api/webhooks/directscale'),
        headers: new Headers({ authorization }),
        body: sample,
      },
      { options: {}, keys: keysOf(secrets), now },
    );

  test.each(['Bearer first-secret', 'bearer second-secret'])('%s is taken', (given) =>
    expect(verify(given)).toBe(true),
  );
  test.each([
    '',
    'first-secret',
    'Bearer',
    'Bearer first-secre',
    'Bearer first-secretx',
    'Basic first-secret',
  ])('%o is refused', (given) => expect(verify(given)).toBe(false));
  test('nothing else is taken, and nothing throws', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]*$/), (given) => {
        fc.pre(!/^bearer +(first|second)-secret$/i.test(given.trim()));
        expect(verify(given)).toBe(false);
      }),
    );
  });
});

describe('what an event says', () => {
  test('by what the customer can be found, and when that was', () =>
    expect(read(sample)).toMatchObject({
      topic: 'UpdateAssociateEvent',
      content: {
        type: 'references',
        customerId: '10542',
        references: [
          { by: 'backOfficeId', value: 'B10542' },
          { by: 'externalReferenceId', value: 'ext-10542' },
          { by: 'emailAddress', value: 'mary.larsen@example.com' },
          { by: 'username', value: 'mary.larsen' },
        ],
        // Times of the event bus have no zone.
        at: '2026-11-20T21:03:22.000Z',
      },
    }));

  test('which record she is, where a source is named for that', () => {
    const options = { externalReferenceOf: 'shopify' };
    expect(read(sample, {}, options).content).toMatchObject({
      link: { source: 'shopify', recordId: 'ext-10542' },
    });
    const event = { EventType: 'CreateAssociateEvent', AssociateId: '7', ExternalReferenceId: ' ' };
    expect(read(event, {}, options).content).toEqual({ type: 'references', customerId: '7', references: [] });
  });

  test.each([
    ['2026-11-20T21:03:22Z', '2026-11-20T21:03:22.000Z'],
    ['2026-11-20T21:03:22+01:00', '2026-11-20T20:03:22.000Z'],
    ['yesterday', undefined],
    [undefined, undefined],
  ])('the time %o is %o', (EventDateUtc, at) => {
    const { content } = read({ EventType: 'UpdateAssociateEvent', AssociateId: 1, EventDateUtc });
    expect('at' in content ? content.at : undefined).toBe(at);
  });

  test('every digit of an id past 2^53', () => {
    const body = Buffer.from('{"EventType":"UpdateAssociateEvent","AssociateId":1234567890123456789}');
    expect(read(body).content).toMatchObject({ customerId: '1234567890123456789' });
  });

  test('nothing, of an event of another type', () =>
    expect(read({ EventType: 'OrderEvent' }).content.type).toBe('ignored'));

  test.each([
    [[]],
    [{}],
    [{ EventType: 'UpdateAssociateEvent' }],
    [{ EventType: 'UpdateAssociateEvent', AssociateId: -1 }],
  ])('%j cannot be read', (body) =>
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'malformed-delivery' })),
  );
});

test('the id is equal for a repeat and another one for another body or message', () => {
  const id = (body: unknown, message: string) => read(body, { 'x-directscale-message-id': message }).id;
  const other = { EventType: 'UpdateAssociateEvent', AssociateId: 1 };
  expect(id(sample, 'm1')).toBe(id(sample, 'm1'));
  expect(new Set([id(sample, 'm1'), id(sample, 'm2'), id(other, 'm1'), read(sample).id]).size).toBe(4);
});
