import { causesOf, issueIdOf } from '../record/cause.ts';
import type { Tables } from '../store/stores.ts';

/** A field that was left out of changes of a source for one reason. */
export interface LeftOutOften {
  readonly source: string;
  readonly path: string;
  readonly reason: string;
  readonly changes: number;
}

/** What was left out within a span of time; the most frequent first. */
export interface LeftOutReport {
  readonly fields: readonly LeftOutOften[];
  /** False: there is more than was read, and only the newest is counted. */
  readonly isAll: boolean;
}

const rowsAtOnce = 1000;
const pagesRead = 20;
/** More than anybody reads. */
const fieldsKept = 50;

/** Counts what was left out of changes received since then, by source, field and reason. Throws what storage throws. */
export async function reportLeftOut(
  since: Date,
  { records }: Pick<Tables, 'records'>,
): Promise<LeftOutReport> {
  const counted = new Map<string, LeftOutOften>();
  let next: string | undefined;
  for (let page = 0; page < pagesRead; page++) {
    const found = await records.list({ isLeftOut: true, since }, rowsAtOnce, next);
    for (const record of found.records) {
      for (const cause of causesOf(record, 'left-out')) {
        const { source, path = '', reason } = cause;
        const { changes } = counted.get(issueIdOf(cause)) ?? { changes: 0 };
        counted.set(issueIdOf(cause), { source, path, reason, changes: changes + 1 });
      }
    }
    next = found.next;
    if (!next) break;
  }
  const fields = [...counted.values()].toSorted((a, b) => b.changes - a.changes).slice(0, fieldsKept);
  return { fields, isAll: next === undefined && counted.size <= fieldsKept };
}
