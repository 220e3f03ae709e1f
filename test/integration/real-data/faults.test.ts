import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addresses, faults, placesOf } from './faults.ts';
import { type RelayWithVendors, sampleFor, startRelayWithVendors } from './relay-with-vendors.ts';
import { wires } from './wires.ts';

let relay: RelayWithVendors;
beforeAll(async () => {
  relay = await startRelayWithVendors();
});
afterAll(() => relay?.stop());

type Patch = Readonly<Record<string, unknown>>;

/** A new customer after the sample with these texts in it: what was written, and what was told. */
async function written(name: string, texts: Readonly<Record<string, string>> = {}) {
  const id = relay.newCustomer();
  const { changes, patches } = await relay.deliver(name, sampleFor(name, id, texts), id);
  const [change] = changes;
  return {
    status: changes.map(({ status }) => status).join(),
    told: (change?.leftOut ?? []).map(({ path }) => path),
    patch: Object.assign({}, ...(patches as Patch[])) as Patch,
  };
}

const plain = new Map<string, Promise<Patch>>();
/** What is written of the sample as it is. */
function plainPatch(name: string): Promise<Patch> {
  const known = plain.get(name) ?? written(name).then(({ patch }) => patch);
  plain.set(name, known);
  return known;
}

const without = (patch: Patch, fields: readonly string[]): Patch =>
  Object.fromEntries(Object.entries(patch).filter(([field]) => !fields.includes(field)));

describe.each(Object.entries(wires))('%s', (name, { sample }) => {
  const isOwnForm = name === 'canonical';
  const placeOf = (fields: readonly string[]) =>
    Object.entries(sample.texts).find(([, [field = '']]) => fields.includes(field));
  const rows = faults.flatMap((fault) => {
    const [place, [field = ''] = []] = placeOf(fault.fields) ?? [];
    return place === undefined ? [] : [{ ...fault, place, field }];
  });

  test.concurrent.each(rows)('$field: $fault, $text', async ({ field, place, text, inOwnForm, ...fault }) => {
    const { status, told, patch } = await written(name, { [place]: text });
    const isAsGiven = isOwnForm && inOwnForm === 'as given';
    const isTold = isOwnForm && inOwnForm ? inOwnForm === 'told' : fault.isTold;
    const value = isOwnForm && inOwnForm ? (isAsGiven ? text : undefined) : fault.written;
    expect(status).toBe('applied');
    expect(without(patch, [field])).toEqual(without(await plainPatch(name), [field]));
    expect(patch[field]).toEqual(value);
    expect(told).toEqual(isTold ? [expect.stringMatching(`^${field}`)] : []);
  });

  // The relay's own form has codes only: no mapping reads a name.
  test.skipIf(isOwnForm).concurrent.each(addresses)(
    '$fault: $region, $country',
    async ({ written: expected, told: part, ...parts }) => {
      const texts = Object.entries(placesOf).flatMap(([role, pattern]) =>
        Object.keys(sample.texts)
          .filter(
            (place) =>
              pattern.test(place.replace(/^.*address\./i, '')) &&
              sample.texts[place]?.includes('PrimaryAddress'),
          )
          .map((place): [string, string] => [place, Reflect.get(parts, role)]),
      );
      const { status, told, patch } = await written(name, Object.fromEntries(texts));
      expect(status).toBe('applied');
      const changed = [
        'PrimaryAddress',
        'DefaultShippingAddress',
        'PrimaryPhone',
        'SecondaryPhone',
        'TextPhone',
      ];
      expect(without(patch, changed)).toEqual(without(await plainPatch(name), changed));
      expect(patch.PrimaryAddress).toMatchObject(expected);
      expect(told.filter((path) => path.startsWith('PrimaryAddress'))).toEqual(
        part ? [`PrimaryAddress.${part}`] : [],
      );
    },
  );
});
