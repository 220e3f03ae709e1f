import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import {
  binaryEvent,
  canonical,
  changeEvent,
  dynamics,
  hubspot,
  hubspotWorkflow,
  json,
  outbound,
  pipedrive,
  zoho,
} from './crm-senders.ts';
import type { Sent } from './wires.ts';

/** What happens to a case of a CRM or an event source. */
export interface Case {
  readonly fault: string;
  readonly source: string;
  /** What DirectScale holds of the customer's address; absent: what the sandbox's customers have. */
  readonly held?: Readonly<Record<string, string>>;
  /** Sent one after the other. */
  readonly send: readonly ((id: string) => Sent)[];
  /** All that is written, field by field. */
  readonly written: Readonly<Record<string, unknown>>;
  /** What is told of the last one. */
  readonly told?: readonly string[];
  /** Of the last one; absent: applied. */
  readonly parked?: { readonly reason: string; readonly violations?: readonly string[] };
}

const cologne = {
  Street1: 'Domstr. 1',
  Street2: '',
  City: 'Köln',
  Region: 'NW',
  PostalCode: '50668',
  CountryCode: 'DE',
};
const london = { address: '10 Downing St', city: 'London', zip: 'SW1A 1AA', country: 'United Kingdom' };
const inLondon = {
  Street1: '10 Downing St',
  Street2: '',
  City: 'London',
  Region: '',
  PostalCode: 'SW1A 1AA',
  CountryCode: 'GB',
};

export const crmCases: readonly Case[] = [
  {
    fault: 'F1, F48: a phone without a country, and an id with spaces',
    source: 'hubspot',
    send: [hubspot({ lastname: 'Souza', phone: '555-0142' })],
    written: { LastName: 'Souza' },
    told: ['PrimaryPhone'],
  },
  {
    fault: 'F2: a state that nobody can name',
    source: 'hubspot',
    send: [
      hubspot(
        { email: 'ana.new@example.com', address: '9 Elm St' },
        { city: 'Fresno', zip: '93701', state: 'Calif.', country: 'United States' },
      ),
    ],
    written: { EmailAddress: 'ana.new@example.com' },
    told: ['PrimaryAddress.Region', 'PrimaryAddress'],
  },
  {
    fault: 'F4: a bad phone with every save',
    source: 'salesforce',
    send: ['one', 'two', 'three'].map((name, index) =>
      outbound({ Email: `${name}@example.com`, Phone: 'n/a' }, index),
    ),
    written: { EmailAddress: 'three@example.com' },
    told: ['PrimaryPhone'],
  },
  {
    fault: 'F6: words in place of a phone',
    source: 'dynamics',
    send: [dynamics({ emailaddress1: 'new.six@example.com', telephone1: 'unknown' })],
    written: { EmailAddress: 'new.six@example.com' },
    told: ['PrimaryPhone'],
  },
  {
    fault: 'F7: words in place of a phone',
    source: 'zoho',
    send: [zoho({ Email: 'new.seven@example.com', Mobile: 'ask wife' })],
    written: { EmailAddress: 'new.seven@example.com' },
    told: ['TextPhone'],
  },
  {
    fault: 'F9: a date as free text',
    source: 'hubspot',
    send: [hubspot({ firstname: 'Nia', date_of_birth: '05/13/1990' })],
    written: { FirstName: 'Nia', BirthDate: '1990-05-13T00:00:00' },
  },
  {
    fault: 'F10: a language that is no code',
    source: 'canonical',
    send: [canonical({ FirstName: 'Good', LanguageCode: 'english' })],
    written: { FirstName: 'Good' },
    told: ['LanguageCode'],
  },
  {
    fault: 'F12: an address of RFC 5321',
    source: 'hubspot',
    send: [hubspot({ email: 'r&d@example.com', firstname: 'Nia' })],
    written: { EmailAddress: 'r&d@example.com', FirstName: 'Nia' },
  },
  {
    fault: 'F16: a value that is no text, of a property that is not mapped',
    source: 'hubspot',
    send: [hubspot({ firstname: 'Nia', hs_marketable_status: false })],
    written: { FirstName: 'Nia' },
  },
  {
    fault: 'F18: every field is bad',
    source: 'hubspot',
    send: [hubspot({ phone: 'x', hs_language: 'klingon', email: 'bad' })],
    written: {},
    told: ['PrimaryPhone', 'LanguageCode', 'EmailAddress'],
    parked: { reason: 'unmappable', violations: ['PrimaryPhone', 'LanguageCode', 'EmailAddress'] },
  },
  ...(
    [
      ['JA', 'Jalisco', 'Mexico', 'JAL'],
      ['DF', 'Ciudad de México', 'Mexico', 'CMX'],
      ['OR', 'Odisha', 'India', 'OD'],
      ['TG', 'Telangana', 'India', 'TS'],
      ['CT', 'Chhattisgarh', 'India', 'CG'],
      ['UT', 'Uttarakhand', 'India', 'UK'],
    ] as const
  ).map(
    ([MailingStateCode, MailingState, MailingCountry, Region]): Case => ({
      fault: `F20: the code ${MailingStateCode} beside the name ${MailingState}`,
      source: 'salesforce',
      send: [
        outbound({
          MailingStreet: 'Calle 1',
          MailingCity: 'Centro',
          MailingStateCode,
          MailingState,
          MailingPostalCode: '44100',
          MailingCountry,
        }),
      ],
      written: {
        PrimaryAddress: expect.objectContaining({ Region }),
      },
    }),
  ),
  {
    fault: 'F27: a language whose code was another once',
    source: 'salesforce',
    send: [outbound({ DirectScale_Language__c: 'Indonesian' })],
    written: { LanguageCode: 'id' },
  },
  {
    fault: 'F28: a locale',
    source: 'hubspot',
    send: [hubspot({ hs_language: 'he-il' })],
    written: { LanguageCode: 'he' },
  },
  {
    fault: 'F29: a country without states',
    source: 'hubspot',
    send: [hubspot(london)],
    written: { PrimaryAddress: inLondon },
  },
  {
    fault: 'F30: a country without states',
    source: 'hubspot',
    send: [hubspotWorkflow(london)],
    written: { PrimaryAddress: inLondon },
  },
  {
    fault: 'F31: a move to a country without states',
    source: 'salesforce',
    send: [
      outbound({
        FirstName: 'Nia',
        Email: 'new.31@example.com',
        MailingStreet: '1 Raffles Place',
        MailingCity: 'Singapore',
        MailingState: 'Singapore',
        MailingPostalCode: '048616',
        MailingCountry: 'Singapore',
      }),
    ],
    written: {
      FirstName: 'Nia',
      EmailAddress: 'new.31@example.com',
      PrimaryAddress: {
        Street1: '1 Raffles Place',
        Street2: '',
        City: 'Singapore',
        Region: '',
        PostalCode: '048616',
        CountryCode: 'SG',
      },
    },
    told: ['PrimaryAddress.Region'],
  },
  {
    fault: 'F33: an international phone beside an unknown country',
    source: 'zoho',
    held: cologne,
    send: [zoho({ First_Name: 'Nia', Phone: '+49 221 5550142', Mailing_Country: 'Atlantis' })],
    written: { FirstName: 'Nia', PrimaryPhone: '+492215550142' },
  },
  {
    fault: 'F34: changed fields that nobody decoded',
    source: 'salesforce',
    send: [changeEvent({ changedFields: ['0x400008'] }, { Email: 'changed@example.com' })],
    written: {},
    parked: { reason: 'for-a-person' },
  },
  {
    fault: 'F35: nulls that are not among the emptied fields',
    source: 'salesforce',
    send: [
      changeEvent(
        { changedFields: ['Phone', 'Title'], nulledFields: [] },
        { Phone: null, Title: null, Email: 'real@example.com' },
      ),
    ],
    written: {},
    parked: { reason: 'for-a-person' },
  },
  {
    fault: 'F36: a move within the country, which is not in the event',
    source: 'salesforce',
    send: [
      changeEvent(
        {
          changedFields: [
            'Email',
            ...['Street', 'City', 'State', 'PostalCode'].map((part) => `MailingAddress.${part}`),
          ],
        },
        {
          Email: 'moved@example.com',
          MailingAddress: { Street: '1 Fremont St', City: 'Las Vegas', State: 'NV', PostalCode: '89101' },
        },
      ),
    ],
    written: {
      EmailAddress: 'moved@example.com',
      PrimaryAddress: {
        Street1: '1 Fremont St',
        Street2: '',
        City: 'Las Vegas',
        Region: 'NV',
        PostalCode: '89101',
        CountryCode: 'US',
      },
    },
  },
  {
    fault: 'F38: data that is JSON within a text',
    source: 'cloudevents',
    send: [
      (id) =>
        json({
          specversion: '1.0',
          type: 'com.example.customer.updated',
          source: '/crm',
          id: randomUUID(),
          data: JSON.stringify({ customerId: id, firstName: 'Nia' }),
        }),
    ],
    written: {},
    parked: { reason: 'unmappable' },
  },
  {
    fault: 'F40: JSON that is sent as text/plain',
    source: 'cloudevents',
    send: [binaryEvent((customerId) => ({ customerId, firstName: 'Nia' }), { 'Content-Type': 'text/plain' })],
    written: {},
    parked: { reason: 'unmappable' },
  },
  {
    fault: 'what was cleared and DirectScale cannot clear is told',
    source: 'dynamics',
    send: [dynamics({ firstname: 'Nia', birthdate: null, new_directscalelanguage: null })],
    written: { FirstName: 'Nia' },
    told: ['BirthDate', 'LanguageCode'],
  },
  {
    fault: 'what was cleared and DirectScale cannot clear is no "nothing changed"',
    source: 'hubspot',
    send: [hubspot({ date_of_birth: '' })],
    written: {},
    told: ['BirthDate'],
    parked: { reason: 'unmappable', violations: ['BirthDate'] },
  },
  {
    fault: 'F44: a street of two lines',
    source: 'hubspot',
    send: [
      hubspot({ address: '12 Oak St\nApt 3' }, { city: 'Provo', zip: '84604', state: 'UT', country: 'US' }),
    ],
    written: {
      PrimaryAddress: {
        Street1: '12 Oak St',
        Street2: 'Apt 3',
        City: 'Provo',
        Region: 'UT',
        PostalCode: '84604',
        CountryCode: 'US',
      },
    },
  },
  {
    fault: 'F45: a street that the text of the address shortens; labels in any case',
    source: 'pipedrive',
    send: [
      pipedrive({
        last_name: 'Souza',
        phones: [
          { value: '+1 801 555 0142', primary: true, label: 'Work' },
          { value: '+1 801 555 0144', primary: false, label: 'Mobile' },
        ],
        postal_address: {
          value: '970 S Cass Ave, Westmont, IL 60559, USA',
          street_number: '970',
          route: 'South Cass Avenue',
          locality: 'Westmont',
          admin_area_level_1: 'Illinois',
          postal_code: '60559',
          country: 'United States',
        },
      }),
    ],
    written: {
      LastName: 'Souza',
      PrimaryPhone: '+18015550142',
      TextPhone: '+18015550144',
      PrimaryAddress: {
        Street1: '970 South Cass Avenue',
        Street2: '',
        City: 'Westmont',
        Region: 'IL',
        PostalCode: '60559',
        CountryCode: 'US',
      },
    },
  },
  ...['50% off', '%', '%E2%82'].map(
    (subject): Case => ({
      fault: `F47: a header with ${subject}`,
      source: 'cloudevents',
      send: [
        binaryEvent((customerId) => ({ customerId, firstName: 'Nia' }), {
          'ce-subject': subject,
          'ce-note': subject,
        }),
      ],
      written: { FirstName: 'Nia' },
    }),
  ),
];
