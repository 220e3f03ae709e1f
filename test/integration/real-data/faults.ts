/** What becomes of a text that people write into a field: nothing of it arrives, or this value, and what is told. */
export interface Fault {
  readonly fault: string;
  readonly fields: readonly string[];
  readonly text: string;
  /** Absent: nothing is written of it. */
  readonly written?: unknown;
  readonly isTold: boolean;
  /** In the relay's own form, which no function of a mapping reads. Absent: the same. */
  readonly inOwnForm?: 'told' | 'as given';
}

const phones = ['PrimaryPhone', 'SecondaryPhone', 'TextPhone'];
const texts = ['FirstName', 'LastName', 'CompanyName'];

const leftOut = (
  fields: readonly string[],
  fault: string,
  text: string,
  inOwnForm?: Fault['inOwnForm'],
): Fault => ({
  fault,
  fields,
  text,
  isTold: true,
  ...(inOwnForm && { inOwnForm }),
});
const read = (
  fields: readonly string[],
  fault: string,
  text: string,
  written: unknown,
  inOwnForm?: Fault['inOwnForm'],
): Fault => ({ fault, fields, text, written, isTold: false, ...(inOwnForm && { inOwnForm }) });
const absent = (fields: readonly string[], fault: string, text: string): Fault => ({
  fault,
  fields,
  text,
  isTold: false,
});

/** By kind of fault. */
export const faults: readonly Fault[] = [
  leftOut(phones, 'words in place of a phone', 'n/a', 'as given'),
  leftOut(phones, 'words in place of a phone', 'ask wife', 'as given'),
  leftOut(phones, 'filler in place of a phone', '0000000000', 'as given'),
  read(phones, 'a phone with an extension', '801-555-0155 ext 7', '+18015550155', 'as given'),
  read(phones, 'a phone with an extension', '+1 801-555-0155 x204', '+18015550155', 'as given'),
  read(phones, 'a phone with 00 for +', '0044 20 7946 0018', '+442079460018', 'as given'),
  read(phones, 'an international phone of another country', '+49 221 5550142', '+492215550142', 'as given'),
  read(phones, 'two phones in one field', '801-555-0155 / 801-555-0156', '+18015550155', 'as given'),
  absent(phones, 'a blank', ' '),
  leftOut(['EmailAddress'], 'no e-mail address', 'bad'),
  leftOut(['EmailAddress'], 'no e-mail address', 'ana@'),
  ...['r&d@example.com', 'a/b@example.com', '#1@example.com', 'user%x@example.com', 'i@müller.example'].map(
    (text) => read(['EmailAddress'], 'an e-mail address of RFC 5321', text, text),
  ),
  absent(['EmailAddress'], 'a blank', '  '),
  leftOut(['LanguageCode'], 'no language', 'klingon'),
  read(['LanguageCode'], 'a language by name', 'Indonesian', 'id', 'told'),
  read(['LanguageCode'], 'a language by name', 'English (US)', 'en', 'told'),
  read(['LanguageCode'], 'a language by name', 'français', 'fr', 'told'),
  read(['LanguageCode'], 'a locale', 'he-il', 'he', 'told'),
  read(['LanguageCode'], 'a withdrawn language code', 'iw', 'he'),
  read(['LanguageCode'], 'a language of three letters', 'fil', 'tl', 'told'),
  absent(['LanguageCode'], 'a blank', '\t'),
  leftOut(['BirthDate'], 'a date that can be read in two ways', '05/06/1990'),
  leftOut(['BirthDate'], 'no date', 'soon'),
  read(['BirthDate'], 'a date that can be read in one way', '05/13/1990', '1990-05-13T00:00:00', 'told'),
  read(['BirthDate'], 'a date that can be read in one way', '13 May 1990', '1990-05-13T00:00:00', 'told'),
  absent(['BirthDate'], 'a blank', ' '),
  leftOut(['TaxId'], 'a mask', '*****6789'),
  absent([...texts, 'TaxId', 'AssociateCustom'], 'a blank', ' '),
  read(texts, 'a control character', 'Ann\u0007Bo', 'Ann Bo'),
  read(texts, 'a line break', 'Ann\r\nBo', 'Ann Bo'),
  leftOut([...texts, 'AssociateCustom'], 'a text that no field takes', 'x'.repeat(600)),
];

/** An address as people write it, and what is written of it. */
export interface WrittenAddress {
  readonly fault: string;
  readonly country: string;
  readonly region: string;
  readonly zip: string;
  readonly city: string;
  readonly written: Readonly<Record<string, string>>;
  /** The part that is told. */
  readonly told?: string;
}

const given = (
  fault: string,
  [country, region, zip, city]: readonly [string, string, string, string],
  CountryCode: string,
  Region: string,
  told?: string,
): WrittenAddress => ({
  fault,
  country,
  region,
  zip,
  city,
  written: { CountryCode, Region, City: city, PostalCode: zip.trim() },
  ...(told && { told }),
});

export const addresses: readonly WrittenAddress[] = [
  given('a country without states, and none given', ['GB', '', 'LS1 1AA', 'Leeds'], 'GB', ''),
  given(
    'a country without states, and a county',
    ['GB', 'South Yorkshire', 'S61 4HW', 'Rotherham'],
    'GB',
    '',
    'Region',
  ),
  given(
    'a country without states, and its own name',
    ['Singapore', 'Singapore', '018956', 'Singapore'],
    'SG',
    '',
    'Region',
  ),
  given(
    'a country without states, and a state that has a code',
    ['Deutschland', 'Bavaria', '80331', 'München'],
    'DE',
    'BY',
  ),
  given('a country without postal codes', ['Hong Kong SAR', '', '', 'Tsim Sha Tsui'], 'HK', ''),
  given('a country that does not need its postal codes', ['IE', '', '', 'Cork'], 'IE', ''),
  given('a region by its native name', ['España', 'Catalunya', '08001', 'Barcelona'], 'ES', 'CT'),
  given('a region by its English name', ['Italy', 'Lombardy', '20121', 'Milano'], 'IT', '25'),
  given('a region by its name', ['México', 'Jalisco', '44100', 'Guadalajara'], 'MX', 'JAL'),
  given('a region by its everyday name', ['Mexico', 'CDMX', '06000', 'Ciudad de México'], 'MX', 'CMX'),
  given('a region by its name', ['India', 'Odisha', '753001', 'Cuttack'], 'IN', 'OD'),
  given('the US armed forces', ['U.S.A.', 'Armed Forces Europe', '09021', 'APO'], 'US', 'AE'),
  given('the US armed forces', ['US', 'AP', '96326', 'FPO'], 'US', 'AP'),
  given('an alias of a country', ['Great Britain', '', 'LS1 1AA', 'Leeds'], 'GB', ''),
  given('an alias of a country', ['England', '', 'LS1 1AA', 'Leeds'], 'GB', ''),
  given('an alias of a country', ['Czech Republic', '', '110 00', 'Praha'], 'CZ', ''),
  given('an alias of a country', ['The Netherlands', '', '1012 AB', 'Amsterdam'], 'NL', ''),
  given('an alias of a country', ['Macau', '', '', 'Macau'], 'MO', ''),
  given('an alias of a country', ['Kosovo', '', '10000', 'Pristina'], 'XK', ''),
  given('a region of a country without states', ['Estonia', 'Harju maakond', '10111', 'Tallinn'], 'EE', '37'),
];

/** The places of an address in a sample, by what they hold: `shipping` are those of a second address. */
export const placesOf = {
  country: /country/i,
  region: /state|province|region|admin_area/i,
  zip: /zip|postal|postcode/i,
  city: /city|locality/i,
} as const;
