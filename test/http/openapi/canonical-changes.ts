/** Changes in the relay's own form, valid and not, as a schema can tell. */
export const canonicalChanges: readonly { what: string; change: unknown; valid: boolean }[] = [
  {
    what: 'a customer by id',
    change: { customer: { customerId: '10542' }, fields: { FirstName: 'Maria' } },
    valid: true,
  },
  {
    what: 'an id as a number',
    change: { customer: { customerId: 10542 }, fields: { FirstName: 'Maria' } },
    valid: true,
  },
  {
    what: 'a customer by e-mail address',
    change: { customer: { emailAddress: 'maria.jensen@example.com' }, fields: { FirstName: 'Maria' } },
    valid: true,
  },
  {
    what: 'several references',
    change: {
      customer: [{ externalReferenceId: 'A-1' }, { emailAddress: 'maria.jensen@example.com' }],
      fields: { FirstName: 'Maria' },
    },
    valid: true,
  },
  {
    what: 'the record of a link',
    change: { recordId: '003xx0000001', fields: { FirstName: 'Maria' } },
    valid: true,
  },
  {
    what: 'epoch',
    change: { customer: { customerId: '10542' }, occurredAt: 1763672602, fields: { LastName: 'Jensen' } },
    valid: true,
  },
  {
    what: 'a part of an address',
    change: { customer: { customerId: '10542' }, fields: { PrimaryAddress: { City: 'Lehi' } } },
    valid: true,
  },
  {
    what: 'an unknown way to name a customer',
    change: { customer: { phone: '+18015550142' }, fields: { FirstName: 'Maria' } },
    valid: false,
  },
  {
    what: 'an unknown field',
    change: { customer: { customerId: '10542' }, fields: { Nickname: 'Mia' } },
    valid: false,
  },
  {
    what: 'a country in words',
    change: { customer: { customerId: '10542' }, fields: { PrimaryAddress: { CountryCode: 'Denmark' } } },
    valid: false,
  },
  {
    what: 'an unknown member',
    change: { customer: { customerId: '10542' }, fields: { FirstName: 'Maria' }, by: 'me' },
    valid: false,
  },
  { what: 'no fields', change: { customer: { customerId: '10542' } }, valid: false },
];
