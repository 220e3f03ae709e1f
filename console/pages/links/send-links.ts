import type { LinksSet } from '../../relay/answers.ts';
import { call, type Problem } from '../../relay/client.ts';
import type { CsvLine, LinkToSet } from './csv.ts';

/** What came of an import; `problem`: why it ended before all was sent. */
export interface Imported {
  readonly written: number;
  readonly unchanged: number;
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
  readonly problem?: Problem;
}

interface Line {
  readonly line: number;
  readonly link: LinkToSet;
}

/** So many the relay takes in one call. */
const linksAtOnce = 1000;

/** Sends the links, a batch after the other. Lines that are wrong are left out, the others go on; it may be done again. */
export async function sendLinks(lines: readonly CsvLine[], show: (done: number) => void): Promise<Imported> {
  const rejected: { line: number; reason: string }[] = [];
  const good: Line[] = [];
  const first = new Map<string, Line>();
  for (const { line, content } of lines) {
    if ('error' in content) {
      rejected.push({ line, reason: content.error });
      continue;
    }
    const name = `${content.source} ${content.recordId}`;
    const before = first.get(name);
    if (!before) {
      first.set(name, { line, link: content });
      good.push({ line, link: content });
    } else if (before.link.customerId !== content.customerId)
      rejected.push({ line, reason: `line ${before.line} has another customerId` });
  }
  let written = 0;
  let unchanged = 0;
  for (let start = 0; start < good.length; start += linksAtOnce) {
    const sent = await sendBatch(good.slice(start, start + linksAtOnce));
    rejected.push(...sent.rejected);
    written += sent.written;
    unchanged += sent.unchanged;
    if (sent.problem) return { written, unchanged, rejected, problem: sent.problem };
    show(start);
  }
  return { written, unchanged, rejected: rejected.toSorted((a, b) => a.line - b.line) };
}

/** All of a batch, or, where the relay names some that are wrong, the others. */
async function sendBatch(batch: readonly Line[]): Promise<Imported> {
  const answer = await post(batch);
  if (answer.ok) return { ...answer.body, rejected: [] };
  const reasons = new Map<number, string>();
  for (const { path, message } of answer.problem.violations ?? []) {
    const index = Number.parseInt(path, 10);
    if (Number.isInteger(index))
      reasons.set(index, `${path.split('.').slice(1).join('.')} ${message}`.trim());
  }
  const none = { written: 0, unchanged: 0, rejected: [] };
  if (reasons.size === 0) return { ...none, problem: answer.problem };
  const rejected = [...reasons].map(([index, reason]) => ({ line: batch[index]?.line ?? 0, reason }));
  const rest = batch.filter((_, index) => !reasons.has(index));
  if (rest.length === 0) return { ...none, rejected };
  const again = await post(rest);
  return again.ok ? { ...again.body, rejected } : { ...none, rejected, problem: again.problem };
}

const post = (batch: readonly Line[]) =>
  call<LinksSet>('links', { method: 'POST', json: batch.map(({ link }) => link) });
