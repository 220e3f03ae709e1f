import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { forgetCustomer } from '../../src/delivery/operate/forget.ts';
import type { Link, LinkFilter, Links } from '../../src/delivery/store/links.ts';
import { openStores } from '../../src/delivery/store/open-stores.ts';
import type { Stores } from '../../src/delivery/store/stores.ts';

let azurite: Azurite;
let stores: Stores;
let links: Links;
beforeAll(async () => {
  azurite = await startAzurite();
  stores = await openStores({ AzureWebJobsStorage: azurite.connectionString });
  links = stores.links;
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

/** Every row of the table that has this text in it. */
async function rowsWith(text: string): Promise<object[]> {
  const table = TableClient.fromConnectionString(azurite.connectionString, 'relaylinks', {
    allowInsecureConnection: true,
  });
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
    expect((await links.find(source, '1'))?.customerId).toBe('8');
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
  test('removes its links, their look-ups and every trace of former ones, and nobody else’s', async () => {
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
    expect(await forgetCustomer(customerId, stores, new Date())).toBe(0);
    expect(await listAll({ customerId })).toEqual([]);
    expect(await rowsWith(customerId)).toEqual([]);
    expect(await rowsWith(email.foundBy.hash)).toEqual([]);
    expect(recordIds(await listAll({ source: shop }))).toEqual(['kept', 'moved']);
    expect(await links.foundBy(kept.foundBy ?? email.foundBy)).toEqual([kept]);
  });

  test('says how many links there were; again: none', async () => {
    const source = newSource();
    const customerId = newCustomerId();
    await links.set(['1', '2'].map((id) => linkOf(source, id, customerId)));
    expect(await links.removeOf(customerId)).toBe(2);
    expect(await links.removeOf(customerId)).toBe(0);
  });
});
