import { printable, table } from '../../cli/table.ts';
import type { DeliveryReport, ListedChange, QueuedDelivery } from './answers.ts';

type ReportedChange = DeliveryReport['changes'][number];

const headings = ['received at', 'delivery', 'source', 'customer', 'status', 'reason', 'fields'];

/** Changes as a table, a line each; of one that was applied the fields that were written. Times are UTC. */
export function changeTable(changes: readonly ListedChange[]): string {
  const rows = changes.map((change) => [
    change.receivedAt,
    change.deliveryId,
    change.source,
    change.customerId ?? '-',
    change.status,
    change.reason ?? '-',
    fieldsOf(change).join(', ') || '-',
  ]);
  return table([headings, ...rows]);
}

const fieldsOf = ({ status, fields, dropped }: ListedChange): string[] =>
  status === 'applied' ? fields.filter((field) => !dropped.includes(field)) : fields;

/** A delivery, its changes, and the timeline of attempts at each. Times are UTC. */
export function deliveryText(delivery: DeliveryReport | QueuedDelivery): string {
  if (!('changes' in delivery)) {
    return table([
      ['delivery', delivery.deliveryId],
      ['status', `${delivery.status}: in the queue, not read yet`],
    ]);
  }
  const { deliveryId, status, source, topic, foundBy, receivedAt, changes, body } = delivery;
  const parts = [
    table([
      ['delivery', deliveryId],
      ['status', status],
      ['source', topic ? `${source} (${topic})` : source],
      ['received', foundBy ? `${receivedAt} (read: ${foundBy})` : receivedAt],
    ]),
    ...changes.map(changeText),
  ];
  if (body !== undefined) parts.push(`body\n${printable(body)}`);
  return parts.join('\n\n');
}

function changeText(change: ReportedChange): string {
  const {
    index,
    status,
    reason,
    note,
    customerId,
    occurredAt,
    fields,
    dropped,
    leftOut = [],
    nextAttemptAt,
  } = change;
  const wrong = new Set(change.violations.map(({ path }) => path));
  const alsoLeftOut = leftOut.filter(({ path }) => !wrong.has(path));
  const rows = [
    ['customer', customerId],
    ['occurred', occurredAt],
    ['fields', fields.join(', ')],
    ['dropped', dropped.join(', ')],
    ...alsoLeftOut.map(({ path, reason: why }) => ['left out', `${path}: ${why}`]),
    ['note', note],
    ['next attempt', status === 'pending' ? nextAttemptAt : undefined],
    ...change.violations.map(({ path, message }) => ['wrong', `${path || '(the whole)'}: ${message}`]),
  ].flatMap(([name = '', value]) => (value ? [[`  ${name}`, value]] : []));
  const attempts = change.attempts.map(({ at, outcome, reason: why, status: answered, requestId, message }) =>
    [
      `  ${at}`,
      why ? `${outcome}: ${why}` : outcome,
      [
        answered !== undefined && `DirectScale ${answered}`,
        requestId && `request ${requestId}`,
        message && `"${message}"`,
      ]
        .filter(Boolean)
        .join(', '),
    ].map((cell) => cell || ''),
  );
  const title = `change ${index}: ${status}${reason ? ` (${reason})` : ''}`;
  return [
    printable(title),
    ...(rows.length > 0 ? [table(rows)] : []),
    ...(attempts.length > 0 ? [table(attempts)] : []),
  ].join('\n');
}
