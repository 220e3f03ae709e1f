/**
 * A value that a mapping function cannot read stays a text, which carries the reason: wherever the mapping puts it, alone or
 * within a longer text, that field is left out for that reason. The reason (ASCII) is written in characters of the last
 * private-use plane of Unicode, so no text of a sender is taken for one: those are made unusable before (`bounded-texts.ts`).
 */
const plane = 0x10_0000;

const marked = /[\u{100000}-\u{10ffff}]/u;
const allMarked = /[\u{100000}-\u{10ffff}]+/gu;

/** The text that stands for a value that cannot be used. The reason is plain English, without the value. */
export function unusable(reason: string): string {
  return String.fromCodePoint(...Array.from(reason, (letter) => plane + (letter.codePointAt(0) ?? 0)));
}

/** Why a text cannot be used; absent: it can. */
export function unusableReason(text: string): string | undefined {
  if (!marked.test(text)) return undefined;
  const [first = ''] = text.match(allMarked) ?? [];
  return String.fromCodePoint(...Array.from(first, (letter) => (letter.codePointAt(0) ?? plane) - plane));
}
