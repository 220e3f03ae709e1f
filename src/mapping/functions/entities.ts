import { givenText } from './given-text.ts';

/**
 * `$entities(text)`: a text whose sender writes it for HTML, as it is read: `Ann &amp; Bo`, `O&#8217;Brien`. Decoded once; only
 * what ends in a semicolon is an entity. What is no text stays as it is.
 */
export async function entities(value: unknown): Promise<unknown> {
  const given = givenText(value);
  if ('answer' in given || !given.text.includes('&')) return value;
  const { decodeHTMLStrict } = await import('entities');
  return decodeHTMLStrict(given.text).replaceAll('\u00a0', ' ');
}
