import { comparable } from '../places/comparable.ts';
import { unusable } from '../unusable.ts';
import { givenText } from './given-text.ts';

interface Languages {
  readonly codes: ReadonlySet<string>;
  /** A name that two languages have has no code. */
  readonly codesByName: ReadonlyMap<string, string | null>;
}

let loading: Promise<Languages> | undefined;

/**
 * `$language(text)`: the two-letter code (ISO 639-1, never a withdrawn one) of a locale (`ja-JP`, `en_US`), of a language code
 * of two or three letters, or of a name in English or in the language itself; `English (US)` is English. Filipino has no
 * two-letter code: it is Tagalog. Absent and blank stay absent, "" stays ""; otherwise an unusable text that carries the reason.
 */
export async function language(value: unknown): Promise<string | undefined> {
  const given = givenText(value);
  if ('answer' in given) return given.answer;
  loading ??= load();
  const languages = await loading;
  const [name = ''] = given.text.split(/[([]/);
  const code =
    languages.codesByName.get(comparable(given.text)) ??
    languages.codesByName.get(comparable(name)) ??
    primarySubtag(given.text, languages.codes);
  return code ?? unusable('is not a language, by locale, code or name');
}

function primarySubtag(locale: string, codes: ReadonlySet<string>): string | undefined {
  try {
    // This also replaces withdrawn codes and three-letter ones: "in" is "id", "eng" is "en".
    const { language: code } = new Intl.Locale(locale.replaceAll('_', '-'));
    if (code === 'fil') return 'tl';
    return codes.has(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

async function load(): Promise<Languages> {
  const { default: iso6391 } = await import('iso-639-1');
  const inEnglish = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  const codesByName = new Map<string, string | null>([['filipino', 'tl']]);
  const codes = iso6391.getAllCodes();
  for (const code of codes) {
    const inItself = iso6391.getNativeName(code).split(',');
    const names = [inEnglish.of(code), iso6391.getName(code), ...inItself];
    for (const key of new Set(names.map((name) => comparable(name ?? '')))) {
      const before = codesByName.get(key);
      codesByName.set(key, before === undefined || before === code ? code : null);
    }
  }
  codesByName.delete('');
  return { codes: new Set(codes), codesByName };
}
