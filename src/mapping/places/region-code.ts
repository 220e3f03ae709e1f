import { comparable } from './comparable.ts';
import { loadPlaces, type Places } from './load-places.ts';
import { regionAliases, usPostalRegions } from './region-aliases.ts';
import { type Vendor, vendorRegionCodes } from './vendor-region-codes.ts';

/** How a sender names a region: a text that is a code or a name, the name beside it, or both. */
export interface GivenRegion {
  readonly text?: string | undefined;
  readonly name?: string | undefined;
  /** Whose codes `text` may be. */
  readonly vendor?: Vendor | undefined;
}

/** What is known of the regions of one country. */
interface Regions {
  readonly codes: ReadonlySet<string>;
  readonly preference: ReadonlyMap<string, number>;
  /** By name, the surest first: ISO's and CLDR's, those of Google's metadata, and both without "county", "oblast", … */
  readonly tiers: readonly ReadonlyMap<string, ReadonlySet<string>>[];
}

/** Longer than any name of a region. */
const maxLength = 150;

const known = new Map<string, Promise<Regions | undefined>>();

/**
 * The own part of a region's ISO 3166-2 code (`UT`), looked for within its country only. With a name beside it, a code of
 * ISO or of the vendor decides only if the name does not. Absent: no region, or several.
 */
export async function regionCodeOf(country: string, given: GivenRegion): Promise<string | undefined> {
  let loading = known.get(country);
  if (!loading) {
    loading = loadRegions(country);
    known.set(country, loading);
  }
  const regions = await loading;
  if (!regions) return undefined;
  const text = bounded(given.text);
  const name = bounded(given.name);
  const places = await loadPlaces();
  const codeOf = (one: string) => codeIn(regions, places, country, one, given.vendor);
  const code = text === '' ? undefined : codeOf(text);
  const byName = regionNamed(regions, name, code);
  if (byName.code !== undefined && (byName.isExact || code === undefined || code === byName.code)) {
    return byName.code;
  }
  if (code !== undefined) return byName.code === undefined ? code : undefined;
  // Where a code is expected senders write names, and the other way round.
  return regionNamed(regions, text).code ?? (name === '' ? undefined : codeOf(name));
}

function bounded(text = ''): string {
  return text.length > maxLength ? '' : text.trim();
}

/** `UT`, `US-UT`, `us-ut`, `JP13`, a code of the vendor's, or one that ISO has withdrawn. */
function codeIn(
  regions: Regions,
  places: Places,
  country: string,
  text: string,
  vendor: Vendor | undefined,
): string | undefined {
  const code = text.toUpperCase();
  const isAlpha3 = code === places.countries[country]?.[0];
  const own = code.startsWith(`${country}-`) ? code.slice(country.length + 1) : code;
  const joined = own === code && code.startsWith(country) && !isAlpha3 ? code.slice(country.length) : own;
  const ofVendor: Readonly<Record<string, string>> = (vendor && vendorRegionCodes[vendor][country]) ?? {};
  for (const one of new Set([code, own, joined])) {
    const found = ofVendor[one] ?? (regions.codes.has(one) ? one : undefined);
    if (found !== undefined) return found || undefined;
  }
  return (
    oldCode(country, own) ?? places.oldCodes[`${country}-${own}`] ?? places.oldCodes[`${country}-${joined}`]
  );
}

function oldCode(country: string, own: string): string | undefined {
  const aliases = Object.entries(regionAliases[country] ?? {});
  return aliases.find(([, names]) => names.includes(own))?.[0];
}

interface NamedRegion {
  readonly code?: string | undefined;
  readonly isExact: boolean;
}

/** By the whole text; else by its parts, as in `Malacca (Melaka)`, if those that are known are one region. */
function regionNamed(regions: Regions, name: string, code?: string): NamedRegion {
  const whole = exactlyNamed(regions, name, code);
  const parts = name.split(/[/()]/);
  if (whole.code !== undefined || parts.length === 1) return whole;
  const found = new Set(parts.flatMap((part) => exactlyNamed(regions, part, code).code ?? []));
  const [first, ...others] = [...found];
  return others.length === 0 ? { code: first, isExact: true } : { isExact: false };
}

function exactlyNamed(regions: Regions, name: string, code?: string): NamedRegion {
  const key = comparable(name);
  for (const [tier, names] of regions.tiers.entries()) {
    const isStripped = tier === regions.tiers.length - 1;
    const found = names.get(isStripped ? stemOf(key) : key);
    if (!found || found.size === 0) continue;
    if (code !== undefined && found.has(code)) return { code, isExact: true };
    const [first, ...others] = [...found];
    if (others.length === 0) return { code: first, isExact: !isStripped };
    // Of a city and the region around it that are told apart by the word alone, nobody knows which is meant.
    return isStripped ? { isExact: false } : { code: preferred(regions, found), isExact: true };
  }
  return { isExact: false };
}

/** The one of the level that addresses of the country name; absent: there are several. */
function preferred(regions: Regions, found: ReadonlySet<string>): string | undefined {
  const best = Math.max(...[...found].map((code) => regions.preference.get(code) ?? 0));
  const [first, ...others] = [...found].filter((code) => regions.preference.get(code) === best);
  return others.length === 0 ? first : undefined;
}

async function loadRegions(country: string): Promise<Regions | undefined> {
  const places = await loadPlaces();
  const own = Object.hasOwn(places.regions, country) ? places.regions[country] : undefined;
  if (!own) return undefined;
  const postal = country === 'US' ? Object.entries(usPostalRegions) : [];
  const aliases = Object.entries(regionAliases[country] ?? {});
  const exact = [...own.map(([code, , names]): Named => [code, names]), ...postal, ...aliases];
  const other = own.map(([code, , , names]): Named => [code, names]);
  return {
    codes: new Set([...own.map(([code]) => code), ...postal.map(([code]) => code)]),
    preference: new Map(own.map(([code, preference]) => [code, preference])),
    tiers: [
      byKey(exact, comparable),
      byKey(other, comparable),
      byKey([...exact, ...other], (name) => stemOf(comparable(name))),
    ],
  };
}

type Named = readonly [code: string, names: readonly string[]];

function byKey(regions: readonly Named[], keyOf: (name: string) => string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [code, names] of regions) {
    for (const key of names.map(keyOf)) {
      if (key !== '') found.set(key, (found.get(key) ?? new Set()).add(code));
    }
  }
  return found;
}

/** Words for the kind of a region, and those that join them to its name. "City" is none: Mexico City is not México. */
const typeWords: ReadonlySet<string> = new Set(
  [
    'autonomous autonoma autonome autonomo canton cantone kanton comunidad comunitat comunidade county counties co',
    'departamento department departement distrito district distrikt division do dao emirate estado estat state',
    'fu fylke governorate gouvernorat judet judetul ken kraj kray krai край lan lansstyrelse maakond megye muhafazah',
    'municipality oblast oblysy oblasti область okres okrug prefecture province provincia provincie provinz provinsi',
    'provincial region regiao regione region regiunea respublika republic sheng shi si tinh to velayat velayaty viloyati',
    'voivodeship wilaya wojewodztwo zizhiqu zupanija zhupanija parish apskritis novads marz changwat il ili kunta maakunta',
    'de del della des di do da du of la le les el the the',
  ].flatMap((words) => words.split(' ')),
);

function stemOf(key: string): string {
  return key
    .split(' ')
    .filter((word) => !typeWords.has(word))
    .join(' ');
}
