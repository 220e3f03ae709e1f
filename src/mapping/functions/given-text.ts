import { unusable, unusableReason } from '../unusable.ts';

/** Longest text that a function reads. Nothing that it could read is longer. */
const maxLength = 300;

/** What a mapping hands to a function: a text to read, or what the function answers in its place. */
export type GivenText = { readonly text: string } | { readonly answer: string | undefined };

/**
 * Absent, `null` and blanks are absent, "" stays "" (it clears a field), a number is its digits. Anything else cannot be
 * used, nor can what another function could not read: its reason goes on.
 */
export function givenText(value: unknown): GivenText {
  if (value === undefined || value === null) return { answer: undefined };
  if (value === '') return { answer: '' };
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return { answer: unusable('must be text') };
  if (unusableReason(text) !== undefined) return { answer: text };
  if (text.length > maxLength) return { answer: unusable(`is longer than ${maxLength} characters`) };
  const trimmed = text.trim();
  return trimmed === '' ? { answer: undefined } : { text: trimmed };
}

/** The text of an argument that helps to read another one; absent if it cannot be used itself. */
export function helpingText(value: unknown): string | undefined {
  const given = givenText(value);
  return 'text' in given ? given.text : undefined;
}
