import type { CallResult } from './client.ts';

/** An answer whose words may repeat what was sent: each value, in whatever letter case, is replaced by its name. */
export function withoutValues<Answer extends CallResult>(answer: Answer, values: object): Answer {
  if (answer.message === undefined) return answer;
  let message = answer.message;
  for (const [path, value] of textsOf(values)) {
    if (value.length > 1) message = message.replace(literally(value), () => `[${path}]`);
  }
  return { ...answer, message };
}

/** Finds a text in whatever letter case. */
function literally(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
}

/** The texts of a patch by path, the longest first, so that no value is replaced by a part of another. */
function textsOf(value: object, prefix = ''): [path: string, text: string][] {
  return Object.entries(value)
    .flatMap(([name, member]): [string, string][] => {
      if (typeof member === 'object' && member !== null) return textsOf(member, `${prefix}${name}.`);
      return [[`${prefix}${name}`, String(member)]];
    })
    .sort(([, a], [, b]) => b.length - a.length);
}
