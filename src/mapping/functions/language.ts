import { CannotNormalize, comparable, textOf } from './cannot-normalize.ts';

let codesByName: ReadonlyMap<string, string> | undefined;

/**
 * `$language(text)`: the two-letter code of a locale (`ja-JP`, `en_US`), a language code or an English name.
 * Absent stays absent, "" stays "". Throws {@link CannotNormalize}.
 */
export function language(value: unknown): string | undefined {
  const text = textOf('language', value);
  if (!text) return text;
  codesByName ??= loadCodes();
  const code = codesByName.get(comparable(text)) ?? primarySubtag(text);
  if (!code) throw new CannotNormalize('$language: not a language, by locale, code or English name');
  return code;
}

function primarySubtag(locale: string): string | undefined {
  try {
    const { language: code } = new Intl.Locale(locale.replaceAll('_', '-'));
    return /^[a-z]{2}$/.test(code) && [...(codesByName?.values() ?? [])].includes(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Every two-letter code that has a name. */
function loadCodes(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  return new Map(
    codes.flatMap((code): [string, string][] => {
      const name = names.of(code);
      return name ? [[comparable(name), code]] : [];
    }),
  );
}
