import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { isForgotten, type Link, type LinkFilter, type Links } from '../../src/delivery/store/links.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';

let azurite: Azurite;
let links: Links;
beforeAll(async () => {
  azurite = await startAzurite();
  ({ links } = await openTables({ AzureWebJobsStorage: azurite.connectionString }));
});
afterAll(() => azurite.close());

/** A source that no other test has. */
const newSource = (): string => `s-${randomUUID()}`;
let lastCustomer = 1000;
const newCustomerId = (): string => String(++lastCustomer);

const linkOf = (source: string, recordId: string, customerId: string, more: Partial<Link> = {}): Link => ({
  source,
  recordId,
  customerId,
  origin: 'operator',
  since: '2026-11-23T12:00:00.000Z',
  ...more,
});

const byEmail = (hash = randomUUID()) => ({
  origin: 'look-up' as const,
  foundBy: { by: 'emailAddress' as const, hash },
});

/** Every link that matches, page by page. */
async function listAll(filter: LinkFilter, pageSize = 1000): Promise<Link[]> {
  const all: Link[] = [];
  let from: string | undefined;
  do {
    const page = await links.list(filter, pageSize, from);
    all.push(...page.links);
    from = page.next;
  } while (from);
  return all;
}

const recordIds = (found: readonly Link[]): string[] => found.map(({ recordId }) => recordId).toSorted();

const tableOf = () =>
  TableClient.fromConnectionString(azurite.connectionString, 'relaylinks', { allowInsecureConnection: true });

/** Every row of the table that has this text in it. */
async function rowsWith(text: string): Promise<object[]> {
  const table = tableOf();
  const rows: object[] = [];
  for await (const row of table.listEntities()) if (JSON.stringify(row).includes(text)) rows.push(row);
  return rows;
}

describe('a link', () => {
  test('is read as it was written', async () => {
    const link = linkOf(newSource(), '123', newCustomerId(), byEmail());
    expect(await links.set([link])).toEqual({ written: 1, unchanged: 0 });
    expect(await links.find(link.source, '123')).toEqual(link);
  });

  test.each([
    'gid://shopify/Customer/1?a=b#c',
    "Zoë | \\ % 'quoted' \"",
    '\u{1F600}',
    'é'.repeat(255),
    '中'.repeat(255),
  ])('of the record %s', async (recordId) => {
    const source = newSource();
    const customerId = newCustomerId();
    const link = linkOf(source, recordId, customerId, byEmail());
    await links.set([link, linkOf(source, `x${recordId.slice(2)}`, customerId)]);
    expect(await links.find(source, recordId)).toEqual(link);
    expect(await listAll({ source })).toContainEqual(link);
    expect(await links.remove(source, recordId)).toBe(true);
    expect(await listAll({ customerId })).toHaveLength(1);
  });

  test('belongs to one source, and letter case counts', async () => {
    const source = newSource();
    await links.set([linkOf(source, 'aB', '1')]);
    expect(await links.find(source, 'Ab')).toBeUndefined();
    expect(await links.find(newSource(), 'aB')).toBeUndefined();
  });

  test('that is removed is gone, with the trace of its look-up; removed again: false', async () => {
    const source = newSource();
    const link = linkOf(source, '1', newCustomerId(), byEmail());
    await links.set([link]);
    expect(await links.remove(source, '1')).toBe(true);
    expect(await links.find(source, '1')).toBeUndefined();
    expect(await rowsWith(link.foundBy?.hash ?? '')).toEqual([]);
    expect(await links.remove(source, '1')).toBe(false);
  });

  test('that leads to somebody else by now stays', async () => {
    const source = newSource();
    const [old, now] = [newCustomerId(), newCustomerId()];
    await links.set([linkOf(source, '1', now)]);
    expect(await links.remove(source, '1', old)).toBe(false);
    expect(await links.find(source, '1')).toMatchObject({ customerId: now });
    expect(await links.remove(source, '1', now)).toBe(true);
  });
});

describe('set', () => {
  test('more links than a transaction holds, of two sources; again: nothing is written', async () => {
    const [one, other] = [newSource(), newSource()];
    const all = Array.from({ length: 250 }, (_, i) => linkOf(i % 5 === 0 ? other : one, `r${i}`, `${i + 1}`));
    expect(await links.set(all)).toEqual({ written: 250, unchanged: 0 });
    const later = all.map((link) => ({ ...link, since: '2026-11-24T12:00:00.000Z' }));
    expect(await links.set(later)).toEqual({ written: 0, unchanged: 250 });
    const found = [...(await listAll({ source: one })), ...(await listAll({ source: other }))];
    const byId = (a: Link, b: Link) => Number(a.customerId) - Number(b.customerId);
    expect(found.toSorted(byId)).toEqual(all);
  });

  test('the last one counts when a record is named twice', async () => {
    const source = newSource();
    expect(await links.set([linkOf(source, '1', '7'), linkOf(source, '1', '8')])).toEqual({
      written: 1,
      unchanged: 1,
    });
    expect(await links.find(source, '1')).toMatchObject({ customerId: '8' });
  });

  test('what a look-up found is confirmed by an operator, once, and not taken back by a look-up', async () => {
    const found = linkOf(newSource(), '1', newCustomerId(), byEmail());
    const { foundBy, ...confirmed } = { ...found, origin: 'operator' as const };
    await links.set([found]);
    expect(await links.set([confirmed])).toEqual({ written: 1, unchanged: 0 });
    expect(await links.set([confirmed])).toEqual({ written: 0, unchanged: 1 });
    expect(await links.set([found])).toEqual({ written: 0, unchanged: 1 });
    expect(await links.find(found.source, '1')).toEqual(confirmed);
    expect(await rowsWith(foundBy?.hash ?? '')).toEqual([]);
  });
});

describe('foundBy', () => {
  test('gives the links that look-ups for the value made, as long as they stand', async () => {
    const source = newSource();
    const email = byEmail();
    const [kept, moved, removed] = ['1', '2', '3'].map((id) => linkOf(source, id, newCustomerId(), email));
    if (!kept || !moved || !removed) throw new Error('three links');
    await links.set([kept, moved, removed, linkOf(source, '4', newCustomerId(), byEmail())]);
    await links.set([linkOf(source, moved.recordId, newCustomerId())]);
    await links.remove(source, removed.recordId);
    expect(await links.foundBy(email.foundBy)).toEqual([kept]);
    expect(await links.foundBy({ ...email.foundBy, by: 'username' })).toEqual([]);
  });

  test('a record that was found by another value later', async () => {
    const [before, now] = [byEmail(), byEmail()];
    const link = linkOf(newSource(), '1', newCustomerId(), before);
    await links.set([link]);
    const found = { ...link, ...now, customerId: newCustomerId() };
    await links.set([found]);
    expect(await links.foundBy(before.foundBy)).toEqual([]);
    expect(await links.foundBy(now.foundBy)).toEqual([found]);
    expect(await rowsWith(before.foundBy.hash)).toEqual([]);
  });
});

describe('list', () => {
  test('by source, by customer, by both', async () => {
    const [shop, crm] = [newSource(), newSource()];
    const customerId = newCustomerId();
    const other = newCustomerId();
    await links.set([
      linkOf(shop, 'a', customerId, byEmail()),
      linkOf(shop, 'b', customerId),
      linkOf(shop, 'c', other),
      linkOf(crm, 'd', customerId),
    ]);
    expect(recordIds(await listAll({ source: shop }))).toEqual(['a', 'b', 'c']);
    expect(recordIds(await listAll({ customerId }))).toEqual(['a', 'b', 'd']);
    expect(recordIds(await listAll({ customerId, source: shop }))).toEqual(['a', 'b']);
    expect(recordIds(await listAll({ customerId, source: shop.slice(0, -1) }))).toEqual([]);
    expect(recordIds(await listAll({ customerId: newCustomerId() }))).toEqual([]);
  });

  test('of a customer: a record that moved to another one is not listed', async () => {
    const source = newSource();
    const [before, now] = [newCustomerId(), newCustomerId()];
    await links.set([linkOf(source, '1', before)]);
    await links.set([linkOf(source, '1', now)]);
    expect(await listAll({ customerId: before })).toEqual([]);
    expect(recordIds(await listAll({ customerId: now }))).toEqual(['1']);
  });

  test('page by page: each link once, none missing, nothing but links', async () => {
    const source = newSource();
    const customerId = newCustomerId();
    const ids = Array.from({ length: 25 }, (_, i) => `r${String(i).padStart(2, '0')}`);
    await links.set(ids.map((id) => linkOf(source, id, customerId, byEmail())));
    expect(recordIds(await listAll({ source }, 10))).toEqual(ids);
    expect(recordIds(await listAll({ customerId }, 10))).toEqual(ids);
    const all = await listAll({}, 7);
    expect(recordIds(all.filter((link) => link.source === source))).toEqual(ids);
    expect((await links.list({ source }, 10)).links).toHaveLength(10);
  });
});

describe('forgetting a customer', () => {
  const at = new Date('2026-11-24T12:00:00.000Z');

  test('leaves nothing of its links but when they were forgotten, and those of others as they are', async () => {
    const [shop, crm] = [newSource(), newSource()];
    const [customerId, other] = [`77${newCustomerId()}`, newCustomerId()];
    const email = byEmail();
    const kept = linkOf(shop, 'kept', other, byEmail());
    await links.set([
      linkOf(shop, 'a', customerId, email),
      linkOf(crm, 'b', customerId),
      linkOf(shop, 'moved', customerId),
      kept,
    ]);
    await links.set([linkOf(shop, 'moved', other)]);
    expect(await links.forgetOf(customerId, at)).toBe(2);
    expect(await listAll({ customerId })).toEqual([]);
    expect(await rowsWith(customerId)).toEqual([]);
    expect(await rowsWith(email.foundBy.hash)).toEqual([]);
    expect(recordIds(await listAll({ source: shop }))).toEqual(['kept', 'moved']);
    expect(await links.foundBy(kept.foundBy ?? email.foundBy)).toEqual([kept]);
    for (const [source, recordId] of [
      [shop, 'a'],
      [crm, 'b'],
    ] as const) {
      const found = await links.find(source, recordId);
      expect(found).toEqual({ forgottenAt: at.toISOString() });
      expect(isForgotten(found)).toBe(true);
    }
    expect(await links.forgetOf(customerId, at)).toBe(0);
  });

  test('a record whose id is an e-mail address: the address is in no row that stays', async () => {
    const source = newSource();
    const address = `maria.${randomUUID()}@example.com`;
    const customerId = newCustomerId();
    await links.set([linkOf(source, address, customerId)]);
    await links.forgetOf(customerId, at);
    expect(await links.find(source, address)).toEqual({ forgottenAt: at.toISOString() });
    expect(await rowsWith(address)).toEqual([]);
    expect(await rowsWith(Buffer.from(address).toString('base64url'))).toEqual([]);
  });

  test('a new link takes the place; removing what was forgotten is removing nothing', async () => {
    const source = newSource();
    const [customerId, next] = [newCustomerId(), newCustomerId()];
    await links.set(['1', '2'].map((id) => linkOf(source, id, customerId)));
    await links.forgetOf(customerId, at);
    expect(await links.remove(source, '1')).toBe(false);
    expect(await links.set([linkOf(source, '1', next)])).toEqual({ written: 1, unchanged: 0 });
    expect(await links.find(source, '1')).toMatchObject({ customerId: next });
    expect(recordIds(await listAll({ source }))).toEqual(['1']);
  });

  test('what stays is removed by its age, a link that was made since is not', async () => {
    const source = newSource();
    const [customerId, later, next] = [newCustomerId(), newCustomerId(), newCustomerId()];
    await links.set([
      linkOf(source, '1', customerId),
      linkOf(source, '2', customerId),
      linkOf(source, '3', later),
    ]);
    await links.forgetOf(customerId, at);
    await links.forgetOf(later, new Date('2026-11-25T00:00:00.000Z'));
    await links.set([linkOf(source, '2', next)]);
    await links.removeForgottenBefore(new Date('2026-11-24T13:00:00.000Z'));
    expect(isForgotten(await links.find(source, '1'))).toBe(true);
    await links.removeForgottenBefore(new Date('2026-11-25T03:40:00.000Z'));
    expect(await links.find(source, '1')).toBeUndefined();
    expect(await links.find(source, '2')).toMatchObject({ customerId: next });
    expect(isForgotten(await links.find(source, '3'))).toBe(true);
    expect(await links.removeForgottenBefore(new Date('2026-11-26T00:00:00.000Z'))).toBe(1);
    expect(await rowsWith('FORGOTTEN')).toEqual([]);
  });
});

describe('what could not be read again', () => {
  test.each([
    ['a time beyond the year 9999', { since: '+010000-01-01T00:00:00.000Z' }],
    ['a record id of 256 characters', { recordId: 'a'.repeat(256) }],
    ['no customer', { customerId: '0' }],
  ])('is not written: %s', async (_, wrong) => {
    const source = newSource();
    const good = linkOf(source, 'good', newCustomerId());
    await expect(links.set([good, { ...good, recordId: 'x', ...wrong }])).rejects.toThrow();
    expect(await listAll({ source })).toEqual([]);
  });

  /** A row as it was written before links were checked. */
  async function writeUnreadable(source: string, recordId: string, customerId: string): Promise<void> {
    const since = '+010000-01-01T00:00:00.000Z';
    const key = Buffer.from(recordId).toString('base64url');
    await links.set([linkOf(source, recordId, customerId)]);
    await tableOf().updateEntity({ partitionKey: source, rowKey: `l${key}`, since }, 'Merge');
  }

  test('stops no list, is named by it, and can be removed, set anew and forgotten', async () => {
    const source = newSource();
    const customerId = newCustomerId();
    await links.set([linkOf(source, 'good', customerId)]);
    for (const id of ['removed', 'renewed', 'forgotten']) await writeUnreadable(source, id, customerId);
    for (const filter of [{ source }, { customerId }]) {
      const { links: readable, unreadable = [] } = await links.list(filter, 100);
      expect(recordIds(readable)).toEqual(['good']);
      expect(unreadable).toHaveLength(3);
      expect(unreadable).toContainEqual({ source, recordId: 'renewed' });
    }
    expect(await links.find(source, 'removed')).toBeUndefined();
    expect(await links.remove(source, 'removed', '999999')).toBe(false);
    expect(await links.remove(source, 'removed')).toBe(true);
    expect(await links.set([linkOf(source, 'renewed', customerId)])).toEqual({ written: 1, unchanged: 0 });
    expect(recordIds(await listAll({ source }))).toEqual(['good', 'renewed']);
    expect(await links.forgetOf(customerId, new Date())).toBe(3);
    expect(await rowsWith(`"${customerId}"`)).toEqual([]);
  });
});
