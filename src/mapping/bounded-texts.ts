import { unusable, unusableReason } from './unusable.ts';

/** Longest text that a mapping sees, in UTF-16 units: regular expressions can take the square of the length. */
export const maxTextLength = 10_000;

const tooLong = unusable(`is longer than ${maxTextLength} characters`);
const privateUse = unusable("holds characters that are nobody's: Unicode reserves them for private use");

/** The same payload, whose texts are bounded: one that is longer, or could be taken for a reason, is unusable. */
export function withBoundedTexts(payload: unknown): unknown {
  if (typeof payload === 'string') return boundedText(payload);
  if (Array.isArray(payload)) return payload.map(withBoundedTexts);
  if (typeof payload !== 'object' || payload === null) return payload;
  const members = Object.entries(payload).map(([name, value]) => [name, withBoundedTexts(value)]);
  // Object.fromEntries defines "__proto__" as a member like any other.
  return Object.fromEntries(members);
}

function boundedText(text: string): string {
  if (text.length > maxTextLength) return tooLong;
  return unusableReason(text) === undefined ? text : privateUse;
}
