import { Unusable } from '../../cli/errors.ts';

/**
 * A JSON body with every value made up, in the form of the old one: the same value is the same everywhere, so what belongs
 * together still does. Kept are names, `true`, `false`, `null`, numbers up to 9, texts up to two letters (codes of
 * countries, regions, languages), names of events (`customer.updated`), and times. Throws {@link Unusable} for another body.
 */
export function redactedSample(body: string): string {
  let payload: unknown;
  try {
    payload = JSON.parse(body);
  } catch {
    throw new Unusable('The body is not JSON: a sample can only be made of JSON.');
  }
  const known = new Map<string, string>();
  const once = (value: string, make: (index: number) => string): string => {
    const made = known.get(value) ?? make(known.size + 1);
    known.set(value, made);
    return made;
  };
  return `${JSON.stringify(redacted(payload, once), null, 2)}\n`;
}

type Once = (value: string, make: (index: number) => string) => string;

function redacted(value: unknown, once: Once): unknown {
  if (Array.isArray(value)) return value.map((member) => redacted(member, once));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, redacted(member, once)]));
  }
  if (typeof value === 'number') return Math.abs(value) < 10 ? value : Number(digitsOf(String(value), once));
  return typeof value === 'string' ? redactedText(value, once) : value;
}

function redactedText(text: string, once: Once): string {
  if (text.trim().length <= 2 || /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) return text;
  if (/^[a-z_]+([./][a-z_]+)+$/.test(text)) return text;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return '1990-01-05';
  if (/@/.test(text)) return once(text, (index) => `person${index}@example.com`);
  if (/^https?:/.test(text)) return once(text, (index) => `https://example.com/${index}`);
  if (/^[+\d][\d\s().-]*$/.test(text)) return digitsOf(text, once);
  return once(text, (index) => `Text ${index}`);
}

/** Other digits in the same places; a leading `+` with its first digit, and the length, stay. */
function digitsOf(text: string, once: Once): string {
  return once(text, (index) => {
    const counted = String(index).padStart(text.replace(/\D/g, '').length, '5');
    let at = 0;
    return text.replace(/\d/g, (digit, offset: number) => {
      const made = counted[at++] ?? '5';
      return text.startsWith('+') && offset === 1 ? digit : made;
    });
  });
}
