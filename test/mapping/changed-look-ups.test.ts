import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mappingOf } from './mapping-result.ts';

const receivedAt = new Date('2026-11-23T12:00:00.000Z');
const victim = 'victim@example.com';
const occurredAt = '2026-11-20T21:03:22.000Z';

/** A change of a record's e-mail address and of its last name, by every kind that says what changed; `is`: only the name did. */
const payloads: Record<string, (what: 'e-mail changed' | 'e-mail is') => unknown> = {
  hubspot: (what) => ({
    contact: '7',
    properties: { email: victim, lastname: 'Mallory' },
    changes: [
      { name: 'lastname', value: 'Mallory', occurredAt: 1_795_208_602_000 },
      ...(what === 'e-mail changed' ? [{ name: 'email', value: victim, occurredAt: 1_795_208_602_000 }] : []),
    ],
  }),
  salesforce: (what) => ({
    object: 'Contact',
    recordId: '0037F00002abcDEQAY',
    occurredAt,
    fields: { Email: victim, LastName: 'Mallory' },
    changed: what === 'e-mail changed' ? ['Email', 'LastName'] : ['LastName'],
  }),
  dynamics: (what) => ({
    object: 'contact',
    recordId: '7',
    occurredAt,
    fields: { emailaddress1: victim, lastname: 'Mallory' },
    changed: what === 'e-mail changed' ? ['emailaddress1', 'lastname'] : ['lastname'],
  }),
  zoho: (what) => ({
    record: { id: '7', Email: victim, Last_Name: 'Mallory', Modified_Time: occurredAt },
    changed: what === 'e-mail changed' ? ['Email', 'Last_Name'] : ['Last_Name'],
  }),
  pipedrive: (what) => ({
    recordId: '7',
    occurredAt,
    person: { last_name: 'Mallory', emails: [{ value: victim, primary: true, label: 'work' }] },
    previous: { last_name: 'X', ...(what === 'e-mail changed' && { emails: [] }) },
    changed: what === 'e-mail changed' ? ['emails', 'last_name'] : ['last_name'],
  }),
  stripe: (what) => ({
    type: 'customer.updated',
    created: 1_795_208_602,
    data: {
      object: { id: 'cus_7', object: 'customer', email: victim, phone: '+18015550142', metadata: {} },
      previous_attributes: { phone: null, ...(what === 'e-mail changed' && { email: null }) },
    },
  }),
  mailchimp: (what) =>
    what === 'e-mail changed'
      ? { type: 'upemail', occurredAt, data: { new_id: '7', new_email: victim } }
      : { type: 'profile', occurredAt, data: { id: '7', email: victim, merges: { LNAME: 'Mallory' } } },
};

const lookUpsOf = async (kind: string, payload: unknown) => {
  const file = `mappings/${kind}.jsonata`;
  const result = await mappingOf(file, await readFile(file, 'utf8')).map(payload, receivedAt);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  expect(result.changes).not.toEqual([]);
  return result.changes.flatMap(({ customer }) => ('lookUp' in customer ? customer.lookUp : []));
};

test.each(Object.entries(payloads))(
  '%s: nobody is looked up by an address that has just changed, in any change of the record',
  async (kind, payload) => {
    expect(await lookUpsOf(kind, payload('e-mail changed'))).toEqual([]);
    expect(await lookUpsOf(kind, payload('e-mail is'))).toContainEqual({ by: 'emailAddress', value: victim });
  },
);
