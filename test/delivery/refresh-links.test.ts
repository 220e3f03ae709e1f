import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { refreshLinks } from '../../src/delivery/customer/refresh-links.ts';
import type { Links } from '../../src/delivery/store/links.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';

let azurite: Azurite;
let links: Links;
beforeAll(async () => {
  azurite = await startAzurite();
  ({ links } = await openTables({ AzureWebJobsStorage: azurite.connectionString }));
});
afterAll(() => azurite.close());

const now = new Date('2026-11-23T12:00:00.000Z');

/** An event of DirectScale that names the record of a source. */
async function tell(link: { source: string; recordId: string }, customerId: string, at?: string) {
  const event = { type: 'references' as const, customerId, references: [], link, ...(at && { at }) };
  return refreshLinks(event, { links, hashOf: (value) => String(value), now: () => now });
}

const newRecord = () => ({ source: `s-${randomUUID()}`, recordId: '1' });

test('an event links its record, unless somebody linked it since', async () => {
  const record = newRecord();
  expect(await tell(record, '7', '2026-11-23T11:00:00.000Z')).toContain('1 made');
  expect(await links.find(record.source, '1')).toMatchObject({ customerId: '7', origin: 'directscale' });
  expect(await tell(record, '8', '2026-11-23T10:00:00.000Z')).toContain('0 made');
  expect(await links.find(record.source, '1')).toMatchObject({ customerId: '7' });
});

test.each([
  '2026-11-23T12:05:01.000Z',
  '9999-12-31T23:59:59.000Z',
  '+010000-01-01T00:00:00.000Z',
  '-000001-01-01T00:00:00.000Z',
])(
  'an event of the time %s links nothing, and what an operator says counts before and after it',
  async (at) => {
    const record = newRecord();
    const operator = {
      ...record,
      customerId: '7',
      origin: 'operator',
      since: '2026-11-23T11:00:00.000Z',
    } as const;
    await links.set([operator]);
    expect(await tell(record, '8', at)).toContain('none made: its time');
    expect(await links.find(record.source, '1')).toEqual(operator);
    expect(await tell(record, '9', '2026-11-23T11:59:00.000Z')).toContain('1 made');
  },
);

describe('a record id that cannot be one', () => {
  test.each(['a'.repeat(256), 'a\u0000b', '\ud800', ' '])(
    'is told, and not written: %j',
    async (recordId) => {
      const { source } = newRecord();
      expect(await tell({ source, recordId }, '7')).toContain('none made: the id of its record');
      expect(await links.list({ source }, 10)).toEqual({ links: [] });
    },
  );
});

test('an event from before its customer was forgotten does not link again, one from after it does', async () => {
  const record = newRecord();
  const customerId = '77001';
  await tell(record, customerId, '2026-11-23T09:00:00.000Z');
  await links.forgetOf(customerId, new Date('2026-11-23T10:00:00.000Z'));
  expect(await tell(record, customerId, '2026-11-23T09:30:00.000Z')).toContain('0 made');
  expect(await links.find(record.source, '1')).toEqual({ forgottenAt: '2026-11-23T10:00:00.000Z' });
  expect(await tell(record, customerId, '2026-11-23T10:30:00.000Z')).toContain('1 made');
});
