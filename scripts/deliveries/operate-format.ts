import { table } from '../../cli/table.ts';
import type { ActList, Comparison, Customer, Issue, PauseList } from '../../src/http/operator-answers.ts';

/** Issues, a line each. Times are UTC. */
export function issueTable(issues: readonly Issue[]): string {
  const rows = issues.map(({ id, source, reason, path, words, changes, customers, first, last, isMuted }) => [
    id,
    source,
    reason,
    [path, words].filter(Boolean).join(': ') || '-',
    String(changes),
    String(customers),
    first,
    last,
    isMuted ? 'muted' : 'open',
  ]);
  const headings = ['issue', 'source', 'reason', 'where', 'changes', 'customers', 'first', 'last', 'status'];
  return table([headings, ...rows]);
}

/** What is known of a customer: its fields, links and pauses. Times are UTC. */
export function customerText({ customerId, fields, links, pauses, ...rest }: Customer): string {
  const rows = fields.map(({ path, occurredAt, receivedAt, source, deliveryId, inDoubt }) => [
    path,
    occurredAt ?? '-',
    receivedAt ?? '-',
    source ?? '-',
    deliveryId ?? '-',
    inDoubt ? `by ${inDoubt.deliveryId}` : '-',
  ]);
  const headings = ['field', 'changed', 'received', 'source', 'delivery', 'in doubt'];
  const parts = [
    fields.length > 0 ? table([headings, ...rows]) : `Nothing was written to customer ${customerId}.`,
  ];
  if (links.length > 0) {
    const linked = links.map((link) => [link.source, link.recordId, link.origin, link.since]);
    parts.push(table([['linked source', 'record', 'by', 'since'], ...linked]));
  }
  if (pauses.length > 0) parts.push(pauseTable(pauses));
  if (rest.pausedUntil) parts.push(`Written to too often: nobody writes to it before ${rest.pausedUntil}.`);
  if (rest.forgottenAt) parts.push(`Forgotten on request at ${rest.forgottenAt}.`);
  return parts.join('\n\n');
}

/** Field by field; with values where they were asked for. */
export function comparisonTable({ fields }: Comparison): string {
  if (fields.length === 0) return 'The relay wrote nothing to this customer.';
  const withValues = fields.some(({ value }) => value !== undefined);
  const rows = fields.map(({ path, result, value }) => [
    path,
    result,
    ...(withValues ? [value === undefined ? '-' : String(value)] : []),
  ]);
  return table([['field', 'DirectScale', ...(withValues ? ['holds'] : [])], ...rows]);
}

/** What is paused by hand, a line each. Times are UTC. */
export function pauseTable(pauses: PauseList['pauses']): string {
  const rows = pauses.map(({ subject, since, until, by, note }) => [
    subject,
    since,
    until ?? 'resumed',
    by ?? '-',
    note,
  ]);
  return table([['paused', 'since', 'until', 'by', 'note'], ...rows]);
}

/** What operators did, a line each; a name that the platform has signed in is marked. Times are UTC. */
export function actTable(acts: ActList['acts']): string {
  const rows = acts.map(({ at, act, subject, by, signedIn }) => [
    at,
    act,
    subject,
    by === undefined ? '-' : signedIn ? `${by} (signed in)` : by,
  ]);
  return table([['at', 'act', 'subject', 'by'], ...rows]);
}
