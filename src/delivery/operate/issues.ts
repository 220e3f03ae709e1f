import { type Cause, causesOf, issueIdOf, kindOfIssue } from '../record/cause.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { RecordFilter } from '../record/record-filter.ts';
import type { Tables } from '../store/stores.ts';

/** What is parked or left out for one cause. */
export interface Issue extends Cause {
  readonly id: string;
  readonly changes: number;
  /** Those that are known. */
  readonly customers: number;
  /** When the oldest and the newest of the changes were received: ISO 8601. */
  readonly first: string;
  readonly last: string;
  readonly isMuted: boolean;
}

export interface IssueList {
  readonly issues: readonly Issue[];
  /** Only what was received since then is counted: there is too much. Absent: all is. */
  readonly countedSince?: string;
}

/** A page of table storage; with the one call for what is muted, five calls at most. */
const rowsAtOnce = 1000;
const pagesOfKind = 2;

/** What is parked and what was left out, by cause; those with the most changes first. Throws what storage throws. */
export async function listIssues(
  { source, isMuted }: { readonly source?: string | undefined; readonly isMuted?: boolean | undefined },
  tables: Pick<Tables, 'records' | 'mutedIssues'>,
): Promise<IssueList> {
  const [parked, leftOut, muted] = await Promise.all([
    newest({ status: 'parked', source }, tables),
    newest({ isLeftOut: true, source }, tables),
    tables.mutedIssues.all(),
  ]);
  const groups = new Map<string, Group>();
  for (const record of parked.records) count(record, 'parked', groups);
  for (const record of leftOut.records) count(record, 'left-out', groups);
  const issues = [...groups].map(([id, group]) => issueOf(id, group, muted.has(id)));
  const wanted = issues.filter((issue) => isMuted === undefined || issue.isMuted === isMuted);
  // Before the later of the two beginnings one kind is not counted.
  const [countedSince] = [parked.since, leftOut.since]
    .filter((time) => time !== undefined)
    .toSorted()
    .reverse();
  return {
    issues: wanted.toSorted((a, b) => b.changes - a.changes || (a.last < b.last ? 1 : -1)),
    ...(countedSince !== undefined && { countedSince }),
  };
}

interface Group {
  readonly cause: Cause;
  changes: number;
  readonly customers: Set<string>;
  first: string;
  last: string;
}

function count(record: DeliveryRecord, kind: Cause['kind'], groups: Map<string, Group>): void {
  const { receivedAt, customerId } = record;
  for (const cause of causesOf(record, kind)) {
    const id = issueIdOf(cause);
    const group = groups.get(id) ?? {
      cause,
      changes: 0,
      customers: new Set<string>(),
      first: receivedAt,
      last: receivedAt,
    };
    groups.set(id, group);
    group.changes++;
    if (customerId !== undefined) group.customers.add(customerId);
    if (receivedAt < group.first) group.first = receivedAt;
    if (receivedAt > group.last) group.last = receivedAt;
  }
}

function issueOf(id: string, { cause, changes, customers, first, last }: Group, isMuted: boolean): Issue {
  return { id, ...cause, changes, customers: customers.size, first, last, isMuted };
}

/** The newest records that match, and since when they are all of them if there are more. */
async function newest(
  filter: RecordFilter,
  { records }: Pick<Tables, 'records'>,
): Promise<{ readonly records: readonly DeliveryRecord[]; readonly since?: string }> {
  const found: DeliveryRecord[] = [];
  let next: string | undefined;
  for (let page = 0; page < pagesOfKind; page++) {
    const { records: more, next: following } = await records.list(filter, rowsAtOnce, next);
    found.push(...more);
    next = following;
    if (!next) return { records: found };
  }
  const oldest = found.at(-1)?.receivedAt;
  return { records: found, ...(oldest !== undefined && { since: oldest }) };
}

/** The filter that finds the changes of an issue among others, and which of what it finds they are. */
export function changesOfIssue(id: string): {
  readonly filter: RecordFilter;
  readonly isOfIssue: (record: DeliveryRecord) => boolean;
} {
  const kind = kindOfIssue(id);
  return {
    filter: kind === 'parked' ? { status: 'parked' } : { isLeftOut: true },
    isOfIssue: (record) => causesOf(record, kind).some((cause) => issueIdOf(cause) === id),
  };
}
