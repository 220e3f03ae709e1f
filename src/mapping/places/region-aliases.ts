/** Regions by country: codes and names that people write and neither ISO 3166-2 nor CLDR nor Google's metadata has. */
export const regionAliases: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  BE: { BRU: ['Bruxelles', 'Brussel', 'Brussels'] },
  CH: { GE: ['Genf'] },
  CZ: { '72': ['Zlín'] },
  ES: { CT: ['Cataluña'] },
  IN: { CG: ['CT'], OD: ['OR', 'Orissa'], TS: ['TG'], UK: ['UT', 'Uttaranchal'] },
  KR: { '11': ['서울특별시'] },
  MX: { CMX: ['CDMX', 'DF', 'DIF', 'D.F.', 'Distrito Federal', 'Mexico City'] },
  PL: { '14': ['Masovian Voivodeship', 'Masovia'] },
  UA: { '30': ['Kiev'], '32': ['Kyiv Oblast', 'Kiev Oblast'] },
  US: { DC: ['D.C.', 'Washington DC', 'Washington D.C.'] },
};

/** What the US post takes as a state and ISO 3166-2:US does not have. */
export const usPostalRegions: Readonly<Record<string, readonly string[]>> = {
  AA: ['Armed Forces Americas', 'Armed Forces (AA)'],
  AE: ['Armed Forces Europe', 'Armed Forces (AE)'],
  AP: ['Armed Forces Pacific', 'Armed Forces (AP)'],
  FM: ['Micronesia', 'Federated States of Micronesia'],
  MH: ['Marshall Islands'],
  PW: ['Palau'],
};
