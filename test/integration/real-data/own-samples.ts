import { maria, mariasAddress } from '../../fixtures/maria.ts';
import type { Sample } from '../../mapping/samples.ts';

const at = '2026-11-20T21:03:22.000Z';

/** What a sender with a mapping of its own sends: see own.jsonata. */
export const own: Sample = {
  payload: {
    timestamp: at,
    data: {
      customerId: '10542',
      firstName: 'Maria',
      lastName: 'Jensen',
      email: maria.EmailAddress,
      company: 'Jensen Wellness LLC',
      phone: '801-555-0142',
      birthDate: '1990-05-01',
      language: 'en-US',
      taxId: '123456789',
      field1: 'gold',
      address: {
        line1: mariasAddress.Street1,
        line2: 'Suite 400',
        city: 'Lehi',
        region: 'Utah',
        postalCode: '84043',
        country: 'USA',
      },
    },
  },
  texts: {
    'data.firstName': ['FirstName'],
    'data.lastName': ['LastName'],
    'data.email': ['EmailAddress'],
    'data.company': ['CompanyName'],
    'data.phone': ['PrimaryPhone'],
    'data.birthDate': ['BirthDate'],
    'data.language': ['LanguageCode'],
    'data.taxId': ['TaxId'],
    'data.field1': ['AssociateCustom'],
    'data.address.line1': ['PrimaryAddress'],
    'data.address.line2': ['PrimaryAddress'],
    'data.address.city': ['PrimaryAddress'],
    'data.address.region': ['PrimaryAddress'],
    'data.address.postalCode': ['PrimaryAddress'],
    'data.address.country': ['PrimaryAddress', 'PrimaryPhone'],
  },
};

const fields = { ...maria, LanguageCode: 'en', BirthDate: '1990-05-01' };

/** The relay's own form, which no mapping reads: its phones and regions are taken as they are. */
export const canonical: Sample = {
  payload: {
    customer: { customerId: '10542' },
    occurredAt: at,
    fields: { ...fields, PrimaryAddress: mariasAddress, AssociateCustom: { Field1: 'gold' } },
  },
  texts: {
    ...Object.fromEntries(Object.keys(fields).map((name) => [`fields.${name}`, [name]])),
    ...Object.fromEntries(
      Object.keys(mariasAddress).map((part) => [`fields.PrimaryAddress.${part}`, ['PrimaryAddress']]),
    ),
    'fields.AssociateCustom.Field1': ['AssociateCustom'],
  },
};
