import type { Customer, CustomerAddress, NewCustomer } from './customer.ts';

/** The made-up customers that a sandbox starts with. 10542 is the person of the fixtures, before their changes. */
export function people(): Customer[] {
  return [
    person(10542, 'Mary', 'Larsen', {
      CompanyName: 'Jensen Coaching',
      BirthDate: '1990-01-05T00:00:00Z',
      PrimaryPhone: '8015550100',
      SecondaryPhone: '8015550110',
      TextPhone: '8015550120',
      PrimaryAddress: address(1, '145 N 200 W', 'Apt 3', 'Provo', 'UT', '84601', 'US'),
      DefaultShippingAddress: address(2, '145 N 200 W', 'Apt 3', 'Provo', 'UT', '84601', 'US'),
      LanguageCode: 'es',
    }),
    person(10543, 'Ada', 'Okafor', {
      PrimaryAddress: address(3, '18 Harbour Street', '', 'Toronto', 'ON', 'M5J 2L9', 'CA'),
      DefaultShippingAddress: address(4, '18 Harbour Street', '', 'Toronto', 'ON', 'M5J 2L9', 'CA'),
    }),
    person(10544, 'Jürgen', 'Weiß', {
      PrimaryAddress: address(5, 'Hauptstraße 7', '', 'Köln', 'NW', '50667', 'DE'),
      DefaultShippingAddress: address(6, 'Hauptstraße 7', '', 'Köln', 'NW', '50667', 'DE'),
      LanguageCode: 'de',
    }),
    person(10545, 'Yuki', 'Tanaka', { CustomerType: 1, TextPhone: '8015550145' }),
    person(10546, 'Sam', 'Rivera', { CustomerStatus: 2, InactiveDate: '2026-03-01T00:00:00Z' }),
  ];
}

/** A customer that somebody adds: what is not given is that of a made-up person. */
export function customerOf({
  AssociateCustom: _,
  PrimaryAddress,
  DefaultShippingAddress,
  ...given
}: NewCustomer): Customer {
  const madeUp = person(given.CustomerId, 'Robin', `Sample ${given.CustomerId}`, {});
  return {
    ...madeUp,
    // exactOptionalPropertyTypes: a member that the file does not have is not there, so none is undefined.
    ...(given as Partial<Customer>),
    PrimaryAddress: { ...madeUp.PrimaryAddress, ...PrimaryAddress } as CustomerAddress,
    DefaultShippingAddress: {
      ...madeUp.DefaultShippingAddress,
      ...DefaultShippingAddress,
    } as CustomerAddress,
  };
}

function person(id: number, firstName: string, lastName: string, rest: Partial<Customer>): Customer {
  const login = `${firstName}.${lastName}`
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9.]/g, '');
  return {
    CustomerId: id,
    BackOfficeId: `B${id}`,
    BirthDate: '1980-02-29T00:00:00Z',
    CompanyName: '',
    CustomerStatus: 1,
    CustomerType: 2,
    DefaultShippingAddress: address(0, '1 Main Street', '', 'Lehi', 'UT', '84043', 'US'),
    EmailAddress: `${login}@example.com`,
    EnrollerId: 1,
    ExternalReferenceId: `ext-${id}`,
    FirstName: firstName,
    InactiveDate: '1900-01-01T00:00:00Z',
    LanguageCode: 'en',
    LastName: lastName,
    PrimaryAddress: address(0, '1 Main Street', '', 'Lehi', 'UT', '84043', 'US'),
    PrimaryPhone: '8015550101',
    SecondaryPhone: '',
    SendEmails: true,
    SignupDate: '2024-06-03T16:20:11Z',
    SponsorId: 1,
    TaxExemptId: '',
    TaxId: '',
    TermsAccepted: true,
    TextPhone: '',
    Username: login,
    WebAlias: login.replace('.', ''),
    ...rest,
  };
}

function address(
  id: number,
  street1: string,
  street2: string,
  city: string,
  region: string,
  postalCode: string,
  countryCode: string,
): CustomerAddress {
  return {
    AddressId: id,
    Street1: street1,
    Street2: street2,
    Street3: '',
    City: city,
    Region: region,
    PostalCode: postalCode,
    CountryCode: countryCode,
  };
}
