import { maria, mariasAddress } from '../fixtures/maria.ts';

/** A payload as a kind gives it to its mapping, and which of its texts decides which fields. */
export interface Sample {
  readonly payload: object;
  /** Where a text stands, and the fields that follow from it: an address as a whole, as its parts depend on each other. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

const both = ['PrimaryAddress', 'DefaultShippingAddress'];
const phones = ['PrimaryPhone', 'SecondaryPhone', 'TextPhone'];
const at = '2026-11-20T21:03:22.000Z';
const address = { ...mariasAddress, Street: '2600 Executive Pkwy' };

const addressTexts = (prefix: string, names: readonly string[], country: string, fields = both) => ({
  ...Object.fromEntries(names.map((name) => [`${prefix}${name}`, fields])),
  [`${prefix}${country}`]: [...fields, ...phones],
});

const metafields = {
  customer_id: '10542',
  secondary_phone: '801-555-0143',
  text_phone: '801-555-0144',
  birth_date: '1990-05-01',
  language_code: 'en-US',
  tax_id: '123456789',
  field_1: 'gold',
};

const shopify: Sample = {
  payload: {
    id: 7065064123456,
    updated_at: at,
    first_name: 'Maria',
    last_name: 'Jensen',
    email: maria.EmailAddress,
    phone: '(801) 555-0142',
    metafields: Object.entries(metafields).map(([key, value]) => ({ namespace: 'directscale', key, value })),
    default_address: {
      company: 'Jensen Wellness LLC',
      address1: address.Street1,
      address2: 'Suite 400',
      city: 'Lehi',
      province_code: 'UT',
      zip: '84043',
      country_code: 'US',
    },
  },
  texts: {
    first_name: ['FirstName'],
    last_name: ['LastName'],
    email: ['EmailAddress'],
    phone: ['PrimaryPhone'],
    'metafields.1.value': ['SecondaryPhone'],
    'metafields.2.value': ['TextPhone'],
    'metafields.3.value': ['BirthDate'],
    'metafields.4.value': ['LanguageCode'],
    'metafields.5.value': ['TaxId'],
    'metafields.6.value': ['AssociateCustom'],
    'default_address.company': ['CompanyName'],
    ...addressTexts(
      'default_address.',
      ['address1', 'address2', 'city', 'province_code', 'zip'],
      'country_code',
    ),
  },
};

const wooAddress = {
  address_1: address.Street1,
  address_2: 'Suite 400',
  city: 'Lehi',
  state: 'UT',
  postcode: '84043',
  country: 'US',
};

const woocommerce: Sample = {
  payload: {
    id: 65,
    date_modified_gmt: '2026-11-20T21:03:22',
    first_name: 'Maria',
    last_name: 'Jensen',
    email: maria.EmailAddress,
    billing: { ...wooAddress, company: 'Jensen Wellness LLC', phone: '801-555-0142' },
    shipping: wooAddress,
    meta_data: Object.entries(metafields).map(([key, value]) => ({ key: `directscale_${key}`, value })),
  },
  texts: {
    first_name: ['FirstName'],
    last_name: ['LastName'],
    email: ['EmailAddress'],
    'billing.company': ['CompanyName'],
    'billing.phone': ['PrimaryPhone'],
    'meta_data.1.value': ['SecondaryPhone'],
    'meta_data.2.value': ['TextPhone'],
    'meta_data.3.value': ['BirthDate'],
    'meta_data.4.value': ['LanguageCode'],
    'meta_data.5.value': ['TaxId'],
    'meta_data.6.value': ['AssociateCustom'],
    ...addressTexts('billing.', ['address_1', 'address_2', 'city', 'state', 'postcode'], 'country', [
      'PrimaryAddress',
    ]),
    ...Object.fromEntries(
      ['address_1', 'address_2', 'city', 'state', 'postcode', 'country'].map((name) => [
        `shipping.${name}`,
        ['DefaultShippingAddress'],
      ]),
    ),
  },
};

const adobe: Sample = {
  payload: {
    customer: {
      id: 65,
      updated_at: '2026-11-20 21:03:22',
      email: maria.EmailAddress,
      firstname: 'Maria',
      lastname: 'Jensen',
      dob: '1990-05-01',
      taxvat: '123456789',
      custom_attributes: [{ attribute_code: 'directscale_customer_id', value: '10542' }],
      addresses: [
        {
          id: 7,
          default_billing: true,
          default_shipping: true,
          company: 'Jensen Wellness LLC',
          telephone: '801-555-0142',
          street: [address.Street1, 'Suite 400'],
          city: 'Lehi',
          region: { region_code: 'UT', region: 'Utah' },
          postcode: '84043',
          country_id: 'US',
        },
      ],
    },
  },
  texts: {
    'customer.firstname': ['FirstName'],
    'customer.lastname': ['LastName'],
    'customer.email': ['EmailAddress'],
    'customer.dob': ['BirthDate'],
    'customer.taxvat': ['TaxId'],
    'customer.addresses.0.company': ['CompanyName'],
    'customer.addresses.0.telephone': ['PrimaryPhone'],
    ...addressTexts(
      'customer.addresses.0.',
      ['street.0', 'street.1', 'city', 'region.region_code', 'region.region', 'postcode'],
      'country_id',
    ),
  },
};

const bigcommerce: Sample = {
  payload: {
    scope: 'store/customer/created',
    created_at: 1_763_672_602,
    customerId: '10542',
    customer: {
      id: 65,
      first_name: 'Maria',
      last_name: 'Jensen',
      email: maria.EmailAddress,
      company: 'Jensen Wellness LLC',
      phone: '+1 801-555-0142',
      addresses: [{ country_code: 'US' }],
    },
    address: {
      address1: address.Street1,
      address2: 'Suite 400',
      city: 'Lehi',
      state_or_province: 'Utah',
      postal_code: '84043',
      country_code: 'US',
    },
  },
  texts: {
    'customer.first_name': ['FirstName'],
    'customer.last_name': ['LastName'],
    'customer.email': ['EmailAddress'],
    'customer.company': ['CompanyName'],
    'customer.phone': ['PrimaryPhone'],
    ...addressTexts(
      'address.',
      ['address1', 'address2', 'city', 'state_or_province', 'postal_code'],
      'country_code',
    ),
  },
};

const klaviyo: Sample = {
  payload: {
    directscale_customer_id: '10542',
    changed_at: at,
    first_name: 'Maria',
    last_name: 'Jensen',
    email: maria.EmailAddress,
    phone_number: '801-555-0142',
    organization: 'Jensen Wellness LLC',
    address1: address.Street1,
    address2: 'Suite 400',
    city: 'Lehi',
    region: 'Utah',
    zip: '84043',
    country: 'United States',
    language: 'English (US)',
    birth_date: '1990-05-01',
  },
  texts: {
    first_name: ['FirstName'],
    last_name: ['LastName'],
    email: ['EmailAddress'],
    phone_number: ['PrimaryPhone'],
    organization: ['CompanyName'],
    language: ['LanguageCode'],
    birth_date: ['BirthDate'],
    ...addressTexts('', ['address1', 'address2', 'city', 'region', 'zip'], 'country'),
  },
};

const zohoWorkflow: Sample = {
  payload: {
    directscale_customer_id: '10542',
    modified_time: at,
    first_name: 'Maria',
    last_name: 'Jensen',
    email: maria.EmailAddress,
    phone: '801-555-0142',
    mobile: '801-555-0144',
    date_of_birth: '1990-05-01',
    mailing_street: `${address.Street1}\nSuite 400`,
    mailing_city: 'Lehi',
    mailing_state: 'Utah',
    mailing_zip: '84043',
    mailing_country: 'USA',
  },
  texts: {
    first_name: ['FirstName'],
    last_name: ['LastName'],
    email: ['EmailAddress'],
    phone: ['PrimaryPhone'],
    mobile: ['TextPhone'],
    date_of_birth: ['BirthDate'],
    ...addressTexts('mailing_', ['street', 'city', 'state', 'zip'], 'country'),
  },
};

const mailchimp: Sample = {
  payload: {
    type: 'profile',
    occurredAt: at,
    customerId: '10542',
    data: {
      id: 'm1',
      email: maria.EmailAddress,
      merges: {
        FNAME: 'Maria',
        LNAME: 'Jensen',
        COMPANY: 'Jensen Wellness LLC',
        PHONE: '801-555-0142',
        DSPHONE2: '801-555-0143',
        DSTEXT: '801-555-0144',
        DSBIRTH: '1990-05-01',
        DSLANG: 'en',
        DSTAX: '123456789',
        DSFIELD1: 'gold',
        ADDRESS: {
          addr1: address.Street1,
          addr2: 'Suite 400',
          city: 'Lehi',
          state: 'UT',
          zip: '84043',
          country: 'US',
        },
      },
    },
  },
  texts: {
    'data.merges.FNAME': ['FirstName'],
    'data.merges.LNAME': ['LastName'],
    'data.email': ['EmailAddress'],
    'data.merges.COMPANY': ['CompanyName'],
    'data.merges.PHONE': ['PrimaryPhone'],
    'data.merges.DSPHONE2': ['SecondaryPhone'],
    'data.merges.DSTEXT': ['TextPhone'],
    'data.merges.DSBIRTH': ['BirthDate'],
    'data.merges.DSLANG': ['LanguageCode'],
    'data.merges.DSTAX': ['TaxId'],
    'data.merges.DSFIELD1': ['AssociateCustom'],
    ...addressTexts('data.merges.ADDRESS.', ['addr1', 'addr2', 'city', 'state', 'zip'], 'country', [
      'PrimaryAddress',
    ]),
  },
};

const segment: Sample = {
  payload: {
    customerId: '10542',
    userId: 'u1',
    timestamp: at,
    traits: {
      firstName: 'Maria',
      lastName: 'Jensen',
      email: maria.EmailAddress,
      phone: '801-555-0142',
      company: { name: 'Jensen Wellness LLC' },
      birthday: '1990-05-01',
      directscale_language_code: 'en',
      directscale_tax_id: '123456789',
      directscale_field_1: 'gold',
      address: {
        street: `${address.Street1}\nSuite 400`,
        city: 'Lehi',
        state: 'UT',
        postalCode: '84043',
        country: 'US',
      },
    },
  },
  texts: {
    'traits.firstName': ['FirstName'],
    'traits.lastName': ['LastName'],
    'traits.email': ['EmailAddress'],
    'traits.phone': ['PrimaryPhone'],
    'traits.company.name': ['CompanyName'],
    'traits.birthday': ['BirthDate'],
    'traits.directscale_language_code': ['LanguageCode'],
    'traits.directscale_tax_id': ['TaxId'],
    'traits.directscale_field_1': ['AssociateCustom'],
    ...addressTexts('traits.address.', ['street', 'city', 'state', 'postalCode'], 'country', [
      'PrimaryAddress',
    ]),
  },
};

const stripeAddress = {
  line1: address.Street1,
  line2: 'Suite 400',
  city: 'Lehi',
  state: 'UT',
  postal_code: '84043',
  country: 'US',
};

const stripe: Sample = {
  payload: {
    type: 'customer.created',
    created: 1_763_672_602,
    data: {
      object: {
        id: 'cus_1',
        email: maria.EmailAddress,
        phone: '801-555-0142',
        preferred_locales: ['en-US'],
        address: stripeAddress,
        shipping: { address: { ...stripeAddress } },
        metadata: {
          directscale_customer_id: '10542',
          directscale_first_name: 'Maria',
          directscale_birth_date: '1990-05-01',
          directscale_text_phone: '801-555-0144',
          directscale_field_1: 'gold',
        },
      },
    },
  },
  texts: {
    'data.object.email': ['EmailAddress'],
    'data.object.phone': ['PrimaryPhone'],
    'data.object.preferred_locales.0': ['LanguageCode'],
    'data.object.metadata.directscale_first_name': ['FirstName'],
    'data.object.metadata.directscale_birth_date': ['BirthDate'],
    'data.object.metadata.directscale_text_phone': ['TextPhone'],
    'data.object.metadata.directscale_field_1': ['AssociateCustom'],
    ...addressTexts('data.object.address.', ['line1', 'line2', 'city', 'state', 'postal_code'], 'country', [
      'PrimaryAddress',
    ]),
  },
};

const changes = {
  firstname: 'Maria',
  lastname: 'Jensen',
  phone: '801-555-0142',
  date_of_birth: '1990-05-01',
  hs_language: 'en',
  directscale_tax_id: '123456789',
  city: 'Lehi',
};

const hubspot: Sample = {
  payload: {
    contact: '1',
    customerId: '10542',
    properties: {
      email: maria.EmailAddress,
      address: address.Street1,
      city: 'Lehi',
      state: 'UT',
      zip: '84043',
      country: 'United States',
    },
    changes: Object.entries(changes).map(([name, value]) => ({ name, value, occurredAt: Date.parse(at) })),
  },
  texts: {
    'changes.0.value': ['FirstName'],
    'changes.1.value': ['LastName'],
    'changes.2.value': ['PrimaryPhone'],
    'changes.3.value': ['BirthDate'],
    'changes.4.value': ['LanguageCode'],
    'changes.5.value': ['TaxId'],
    ...addressTexts('properties.', ['address', 'city', 'state', 'zip'], 'country', ['PrimaryAddress']),
  },
};

const salesforceFields = {
  FirstName: 'Maria',
  LastName: 'Jensen',
  Email: maria.EmailAddress,
  Phone: '801-555-0142',
  MobilePhone: '801-555-0144',
  Birthdate: '1990-05-01',
  DirectScale_Language__c: 'English',
  DirectScale_Tax_Id__c: '123456789',
  DirectScale_Field_1__c: 'gold',
  MailingStreet: `${address.Street1}\nSuite 400`,
  MailingCity: 'Lehi',
  MailingState: 'Utah',
  MailingPostalCode: '84043',
  MailingCountry: 'United States',
};

const salesforce: Sample = {
  payload: {
    object: 'Contact',
    recordId: '003',
    customerId: '10542',
    occurredAt: at,
    snapshot: true,
    fields: salesforceFields,
    changed: Object.keys(salesforceFields),
  },
  texts: {
    'fields.FirstName': ['FirstName'],
    'fields.LastName': ['LastName'],
    'fields.Email': ['EmailAddress'],
    'fields.Phone': ['PrimaryPhone'],
    'fields.MobilePhone': ['TextPhone'],
    'fields.Birthdate': ['BirthDate'],
    'fields.DirectScale_Language__c': ['LanguageCode'],
    'fields.DirectScale_Tax_Id__c': ['TaxId'],
    'fields.DirectScale_Field_1__c': ['AssociateCustom'],
    ...addressTexts('fields.Mailing', ['Street', 'City', 'State', 'PostalCode'], 'Country', [
      'PrimaryAddress',
    ]),
  },
};

const dynamicsFields = {
  firstname: 'Maria',
  lastname: 'Jensen',
  emailaddress1: maria.EmailAddress,
  telephone1: '801-555-0142',
  mobilephone: '801-555-0144',
  birthdate: '1990-05-01',
  new_directscalelanguage: 'English',
  new_directscaletaxid: '123456789',
  new_directscalefield1: 'gold',
  address1_line1: address.Street1,
  address1_line2: 'Suite 400',
  address1_city: 'Lehi',
  address1_stateorprovince: 'Utah',
  address1_postalcode: '84043',
  address1_country: 'USA',
};

const dynamics: Sample = {
  payload: {
    object: 'contact',
    recordId: '1',
    customerId: '10542',
    occurredAt: at,
    snapshot: true,
    fields: dynamicsFields,
    changed: Object.keys(dynamicsFields),
  },
  texts: {
    'fields.firstname': ['FirstName'],
    'fields.lastname': ['LastName'],
    'fields.emailaddress1': ['EmailAddress'],
    'fields.telephone1': ['PrimaryPhone'],
    'fields.mobilephone': ['TextPhone'],
    'fields.birthdate': ['BirthDate'],
    'fields.new_directscalelanguage': ['LanguageCode'],
    'fields.new_directscaletaxid': ['TaxId'],
    'fields.new_directscalefield1': ['AssociateCustom'],
    ...addressTexts(
      'fields.address1_',
      ['line1', 'line2', 'city', 'stateorprovince', 'postalcode'],
      'country',
      ['PrimaryAddress'],
    ),
  },
};

const person = {
  first_name: 'Maria',
  last_name: 'Jensen',
  emails: [{ value: maria.EmailAddress, primary: true }],
  phones: [{ value: '801-555-0142', primary: true, label: 'work' }],
  directscale_birth_date: '1990-05-01',
  directscale_language: 'en',
  directscale_tax_id: '123456789',
  directscale_field_1: 'gold',
  postal_address: {
    value: '2600 Executive Pkwy, Lehi, UT 84043, USA',
    street_number: '2600',
    route: 'Executive Pkwy',
    subpremise: 'Suite 400',
    locality: 'Lehi',
    admin_area_level_1: 'Utah',
    postal_code: '84043',
    country: 'United States',
  },
};

const pipedrive: Sample = {
  payload: {
    recordId: '8',
    customerId: '10542',
    occurredAt: at,
    person,
    previous: {},
    changed: Object.keys(person),
    snapshot: true,
  },
  texts: {
    'person.first_name': ['FirstName'],
    'person.last_name': ['LastName'],
    'person.emails.0.value': ['EmailAddress'],
    'person.phones.0.value': ['PrimaryPhone'],
    'person.directscale_birth_date': ['BirthDate'],
    'person.directscale_language': ['LanguageCode'],
    'person.directscale_tax_id': ['TaxId'],
    'person.directscale_field_1': ['AssociateCustom'],
    ...addressTexts(
      'person.postal_address.',
      ['street_number', 'route', 'subpremise', 'locality', 'admin_area_level_1', 'postal_code'],
      'country',
      ['PrimaryAddress'],
    ),
  },
};

const zoho: Sample = {
  payload: {
    customerId: '10542',
    isNew: false,
    record: {
      id: '4150868000003194003',
      Modified_Time: at,
      First_Name: 'Maria',
      Last_Name: 'Jensen',
      Email: maria.EmailAddress,
      Account_Name: { name: 'Jensen Wellness LLC' },
      Phone: '801-555-0142',
      Mobile: '801-555-0144',
      Date_of_Birth: '1990-05-01',
      DirectScale_Language: 'en',
      DirectScale_Tax_Id: '123456789',
      DirectScale_Field_1: 'gold',
      Mailing_Street: `${address.Street1}\nSuite 400`,
      Mailing_City: 'Lehi',
      Mailing_State: 'Utah',
      Mailing_Zip: '84043',
      Mailing_Country: 'USA',
    },
  },
  texts: {
    'record.First_Name': ['FirstName'],
    'record.Last_Name': ['LastName'],
    'record.Email': ['EmailAddress'],
    'record.Account_Name.name': ['CompanyName'],
    'record.Phone': ['PrimaryPhone'],
    'record.Mobile': ['TextPhone'],
    'record.Date_of_Birth': ['BirthDate'],
    'record.DirectScale_Language': ['LanguageCode'],
    'record.DirectScale_Tax_Id': ['TaxId'],
    'record.DirectScale_Field_1': ['AssociateCustom'],
    ...addressTexts('record.Mailing_', ['Street', 'City', 'State', 'Zip'], 'Country'),
  },
};

/** By the mapping's name. */
export const samples: Readonly<Record<string, Sample>> = {
  'adobe-commerce': adobe,
  bigcommerce,
  dynamics,
  hubspot,
  'klaviyo-flow': klaviyo,
  mailchimp,
  pipedrive,
  salesforce,
  segment,
  shopify,
  stripe,
  woocommerce,
  zoho,
  'zoho-workflow': zohoWorkflow,
};
