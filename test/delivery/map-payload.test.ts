import { describe, expect, test } from 'vitest';
import { mapPayload } from '../../src/delivery/attempt/map-payload.ts';
import { crm } from './relay-in-memory.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const occurredAt = '2026-11-23T11:00:00.000Z';

describe('a user whose changes are ignored', () => {
  const source = { ...crm, ignoreChangedBy: new Set(['integration']) };
  test.each([
    ['FirstName', { FirstName: 'Anna' }],
    ['a field that cannot be used', { BirthDate: 'never' }],
  ])('%s', async (_, fields) => {
    const change = (changedBy: string) => ({
      customer: { customerId: '7' },
      occurredAt,
      changedBy,
      fields,
    });
    expect(await mapPayload(source, [change('integration')], now)).toEqual({ ok: true, elements: [] });
    expect(await mapPayload(source, [change('anna')], now)).toMatchObject({ elements: { length: 1 } });
  });
});

describe('an e-mail address that the change sets, and that cannot be used', () => {
  const customer = { emailAddress: 'hanako.@docomo.ne.jp' };
  const of = (fields: object, more = {}) => ({ customer, recordId: '5', occurredAt, fields, ...more });
  const setsReferences = [{ by: 'emailAddress', value: 'hanako.@docomo.ne.jp' }];

  test.each([
    ['in one element', [of({ LastName: 'Sato', EmailAddress: 'hanako.@docomo.ne.jp' })]],
    ['in two', [of({ EmailAddress: 'hanako.@docomo.ne.jp' }), of({ LastName: 'Sato' })]],
  ])('%s: the customer is not looked up by it', async (_, payload) => {
    expect(await mapPayload(crm, payload, now)).toMatchObject({
      elements: [
        { change: { setsReferences, fields: { LastName: 'Sato' } }, leftOut: [{ path: 'EmailAddress' }] },
      ],
    });
  });

  test('of a record as it is, nobody says that it changed', async () => {
    const fields = { LastName: 'Sato', EmailAddress: 'hanako.@docomo.ne.jp' };
    const mapped = await mapPayload(crm, [of(fields, { snapshot: true })], now);
    expect(mapped).toMatchObject({ elements: [{ leftOut: [{ path: 'EmailAddress' }] }] });
    expect(JSON.stringify(mapped)).not.toMatch(/setsReferences|isSnapshot/);
  });
});
