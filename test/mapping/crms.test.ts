import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { mappingOf } from './mapping-result.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const mapping = async (name: string) =>
  mappingOf(`${name}.jsonata`, await readFile(`mappings/${name}.jsonata`, 'utf8'));
const [salesforce, zoho] = await Promise.all([mapping('salesforce'), mapping('zoho')]);

describe('the billing address of an account', () => {
  const billing = {
    BillingStreet: '1 Work Rd',
    BillingCity: 'Orem',
    BillingState: 'Utah',
    BillingPostalCode: '84057',
    BillingCountry: 'United States',
  };
  const account = (fields: object) => ({
    object: 'Account',
    recordId: '001',
    customerId: '10542',
    occurredAt: '2026-11-23T11:00:00.000Z',
    fields: { Phone: '+18015550142', ...billing, ...fields },
    changed: ['Phone', ...Object.keys(billing)],
  });

  test('is that of a company', async () => {
    expect(await salesforce.map(account({ Name: 'Work Inc' }), now)).toMatchObject({
      changes: [{ fields: { PrimaryAddress: { City: 'Orem', Region: 'UT' } } }],
    });
  });

  test.each([[{ IsPersonAccount: true }], [{ LastName: 'Jensen' }]])(
    'is not that of a person account, whose address is the mailing one: %j',
    async (fields) => {
      const [change] = await changesOf(salesforce.map(account(fields), now));
      expect(change?.fields).toEqual({ PrimaryPhone: '+18015550142' });
    },
  );
});

test.each([
  ['TX', 'TX'],
  ['Texas', undefined],
])('the state %s of a Zoho contact without a country', async (Mailing_State, Region) => {
  const record = { Mailing_Street: '9 Elm', Mailing_City: 'Austin', Mailing_Zip: '73301', Mailing_State };
  const payload = {
    customerId: '10542',
    isNew: false,
    record: { ...record, Phone: '+18015550142', Modified_Time: '2026-11-23T11:00:00.000Z' },
    changed: [...Object.keys(record), 'Phone'],
  };
  const [change] = await changesOf(zoho.map(payload, now));
  expect(change?.fields.PrimaryAddress?.Region).toBe(Region);
  const leftOut = await zoho.leftOut(payload);
  expect(leftOut.some(({ path }) => path === 'PrimaryAddress.Region')).toBe(Region === undefined);
});

test.each([
  ['zoho-workflow', 'null'],
  ['klaviyo-flow', 'None'],
])('%s: an id of DirectScale that says %j is none', async (name, none) => {
  const payload = {
    id: '5',
    directscale_customer_id: none,
    email: 'maria@example.com',
    first_name: 'Maria',
    modified_time: '2026-11-23T11:00:00.000Z',
    changed_at: '2026-11-23T11:00:00.000Z',
  };
  expect(await (await mapping(name)).map(payload, now)).toMatchObject({
    changes: [
      {
        customer: { lookUp: [{ by: 'emailAddress', value: 'maria@example.com' }] },
        fields: { FirstName: 'Maria' },
      },
    ],
  });
});

async function changesOf(mapped: ReturnType<typeof salesforce.map>) {
  const result = await mapped;
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  return result.changes;
}
