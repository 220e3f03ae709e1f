import { comparable } from './comparable.ts';
import { countryAliases } from './country-aliases.ts';
import { loadPlaces } from './load-places.ts';

/** A name that two countries have in one tier has no code. */
type Names = ReadonlyMap<string, string | null>;

/** Longer than any name of a country. */
const maxLength = 100;

/** Languages in which senders name countries that are not theirs. */
const mainLanguages = [
  ...['de', 'fr', 'es', 'it', 'pt', 'nl', 'sv', 'da', 'nb', 'fi', 'pl', 'cs', 'hu', 'ro', 'tr'],
  ...['ru', 'uk', 'el', 'ja', 'zh', 'ko', 'ar'],
];

let givenNames: Promise<readonly Names[]> | undefined;
let ownNames: Names | undefined;
let foreignNames: Names | undefined;

/**
 * The ISO 3166-1 alpha-2 code of a country that is given by its code (alpha-2 or alpha-3), a usual alias, its English name,
 * its name in a language of its own, or in one of the main languages, in this order. Absent: no country, or several.
 */
export async function countryCodeOf(text: string): Promise<string | undefined> {
  if (text.length > maxLength) return undefined;
  givenNames ??= loadPlaces().then(({ countries }) => [
    namesOf(Object.entries(countries).map(([code, [alpha3 = code]]) => [code, [code, alpha3]])),
    namesOf(Object.entries(countryAliases)),
    namesOf(Object.entries(countries).map(([code, [, ...names]]) => [code, [...names, ...inEnglish(code)]])),
  ]);
  const given = await givenNames;
  const forms = formsOf(text);
  for (const tier of tiers(given)) {
    for (const form of forms) {
      const code = tier.get(form);
      if (code !== undefined) return code ?? undefined;
    }
  }
  return nameBesideName(text);
}

/** The later tiers cost tens of milliseconds, once: they are made when a name is in none of those before. */
function* tiers(given: readonly Names[]): Generator<Names> {
  yield* given;
  const codes = [...new Set(given.flatMap((tier) => [...tier.values()]))].filter((code) => code !== null);
  ownNames ??= namesOf(codes.map((code) => [code, inItsLanguages(code)]));
  yield ownNames;
  foreignNames ??= namesOf(mainLanguages.flatMap((language) => inLanguage(language, codes)));
  yield foreignNames;
}

/** `U.S.A.`, `Korea, South`, `Virgin Islands (US)`, `The Netherlands`. */
function formsOf(text: string): string[] {
  const [before = '', after, ...more] = text.split(/[,(]/);
  const turned = after && more.length === 0 ? [`${after.replace(')', '')} ${before}`] : [];
  const forms = [text, text.replaceAll('.', ''), ...turned].map(comparable).filter((form) => form !== '');
  return [...new Set(forms.flatMap((form) => [form, withoutArticle(form)]))];
}

const withoutArticle = (name: string): string => name.replace(/^the /, '').replace(/ the$/, '');

/** `United Kingdom (UK)`: only where both name the same country. */
async function nameBesideName(text: string): Promise<string | undefined> {
  const [, outside, inside] = /^([^()]+)\(([^()]+)\)$/.exec(text.trim()) ?? [];
  if (outside === undefined || inside === undefined) return undefined;
  const [one, other] = await Promise.all([countryCodeOf(outside), countryCodeOf(inside)]);
  return one === other ? one : undefined;
}

function namesOf(countries: readonly (readonly [code: string, names: readonly string[]])[]): Names {
  const codes = new Map<string, string | null>();
  for (const [code, names] of countries) {
    for (const key of new Set(names.map((name) => withoutArticle(comparable(name))))) {
      const before = codes.get(key);
      codes.set(key, before === undefined || before === code ? code : null);
    }
  }
  codes.delete('');
  return codes;
}

const displayNames = (language: string, style: 'long' | 'short') =>
  new Intl.DisplayNames(language, { type: 'region', style, fallback: 'none' });

let english: readonly Intl.DisplayNames[] | undefined;

function inEnglish(code: string): string[] {
  english ??= [displayNames('en', 'long'), displayNames('en', 'short')];
  return english.flatMap((names) => names.of(code) ?? []);
}

function inItsLanguages(code: string): string[] {
  const likeliest = new Intl.Locale('und', { region: code }).maximize().baseName;
  return [displayNames(likeliest, 'long').of(code) ?? ''];
}

function inLanguage(language: string, codes: readonly string[]): [string, string[]][] {
  const names = displayNames(language, 'long');
  return codes.map((code) => [code, [names.of(code) ?? '']]);
}
