import { afterAll, beforeAll, expect, test } from 'vitest';
import { sourceKinds } from '../../../src/sources/index.ts';
import { type RelayWithVendors, sampleFor, startRelayWithVendors } from './relay-with-vendors.ts';
import { wires } from './wires.ts';

let relay: RelayWithVendors;
beforeAll(async () => {
  relay = await startRelayWithVendors();
});
afterAll(() => relay?.stop());

test('there is a sample of each kind that tells fields of customers', () => {
  const kinds = new Set(Object.values(wires).map(({ entry }) => entry.kind));
  expect([...sourceKinds.keys()].filter((kind) => !kinds.has(kind))).toEqual(['directscale']);
});

test.each(Object.entries(wires))('%s: the sample is written whole', async (name, { sample }) => {
  const id = relay.newCustomer();
  const { changes } = await relay.deliver(name, sampleFor(name, id), id);
  expect(changes).toMatchObject([{ status: 'applied', customerId: id, dropped: [] }]);
  expect(changes[0]?.leftOut).toBeUndefined();
  const told = new Set(Object.values(sample.texts).flatMap(([first]) => first ?? []));
  const fields = changes[0]?.fields.map((field) => field.split('.')[0]);
  expect(fields).toEqual(expect.arrayContaining([...told]));
});
