import { afterAll, beforeAll, expect, test } from 'vitest';
import { sourceKinds } from '../../src/sources/index.ts';
import { type Shop, startShops } from '../integration/catch-up/every-shop.ts';
import { contextOf, readOne } from './read-from-vendor.ts';

let shops: Shop[] = [];
beforeAll(async () => {
  shops = await startShops();
});
afterAll(() => Promise.all(shops.map(({ api }) => api.close())));

test('where a walk goes on is small, and holds neither a secret nor anything of a person', async () => {
  const now = Date.now();
  for (const { kind: name, options, secrets, save } of shops) {
    const kind = sourceKinds.get(name);
    if (!kind) throw new Error(`no kind ${name}`);
    for (let number = 1; number <= 7; number++)
      save(number, { customerId: `9876${number}`, firstName: 'Maria', at: new Date(now - 600_000) });
    const context = contextOf(kind, options, secrets);
    const page = await readOne(kind, { since: new Date(now - 3_600_000), until: new Date(now) }, context);
    const place = JSON.stringify(page.type === 'page' ? page.next : page);
    expect([name, place]).toEqual([name, expect.stringMatching(/^\{.{1,300}\}$/)]);
    for (const value of ['Maria', 'Jensen', '@', '9876', ...Object.values(secrets)])
      expect([name, place]).toEqual([name, expect.not.stringContaining(value)]);
  }
});
