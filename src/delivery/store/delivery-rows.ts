import type { TableEntity } from '@azure/data-tables';
import * as z from 'zod';
import { recordKeys } from '../record/delivery-id.ts';
import type { PackedRequest } from '../record/packed-request.ts';
import type { RecordedChange } from '../record/record.ts';
import { fromRows, toRows } from './columns.ts';
import { changeKeys, packChange, recordColumns } from './record-rows.ts';

export type Row = TableEntity<Record<string, unknown>>;

/** A transaction holds at most 100 rows and 4 MiB; binary columns travel as base64. */
export const transactionRows = 100;
const transactionBytes = 2_000_000;

/** The rows of one delivery, in one partition. */
export interface DeliveryRows {
  readonly rows: readonly Row[];
  readonly bytes: number;
}

const headersSchema = z.array(z.tuple([z.string(), z.string()]));

/** The request that rows of {@link requestRows} hold; undefined: there are none. */
export function requestOf(rows: readonly Row[]): PackedRequest | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const headers = headersSchema.parse(JSON.parse(String(Reflect.get(first, 'headers'))));
  return { headers, body: fromRows(rows) };
}

/** The rows that hold what is kept of a request; the first one its headers. */
export function requestRows(deliveryId: string, { headers, body }: PackedRequest): Row[] {
  const { partitionKey, rowPrefix } = recordKeys(deliveryId);
  return toRows(body).map((columns, part) => ({
    partitionKey,
    rowKey: `b${rowPrefix}~${String(part).padStart(5, '0')}`,
    ...(part === 0 && { headers: JSON.stringify(headers) }),
    ...columns,
  }));
}

/** So many changes are written last, with the first part of the request: the head. */
const changesInHead = transactionRows - 1;

/** Whether the record of a change is among those that are written last: then all of its delivery are there. */
export const isInHead = ({ index }: { readonly index: number }): boolean => index < changesInHead;

/** The rows of a delivery in as many transactions as they need. */
export function rowsOfDelivery(changes: readonly RecordedChange[], request: PackedRequest | undefined) {
  const changeRows = changes.map(
    (change): Row => ({
      ...changeKeys(change.record),
      ...recordColumns(change.record),
      ...packChange(change),
    }),
  );
  const [firstRequestRow, ...laterRequestRows] = request
    ? requestRows(changes[0]?.record.deliveryId ?? '', request)
    : [];
  const head = [...changeRows.slice(0, changesInHead), ...(firstRequestRow ? [firstRequestRow] : [])];
  const rest: Row[][] = laterRequestRows.map((row) => [row]);
  for (let start = changesInHead; start < changeRows.length; start += transactionRows)
    rest.push(changeRows.slice(start, start + transactionRows));
  return { head: { rows: head, bytes: bytesOf(head) }, rest };
}

function bytesOf(rows: readonly Row[]): number {
  const columns = rows.flatMap((row) => Object.values(row));
  return columns.reduce<number>(
    (sum, column) => sum + (column instanceof Uint8Array || typeof column === 'string' ? column.length : 0),
    0,
  );
}

/** Deliveries whose rows go into one transaction: of one partition, within its limits, each delivery once. */
export function groupsOf(deliveries: readonly DeliveryRows[]): DeliveryRows[][] {
  const groups: {
    key: string;
    rows: number;
    bytes: number;
    readonly deliveries: Map<string, DeliveryRows>;
  }[] = [];
  for (const delivery of deliveries) {
    const [first] = delivery.rows;
    const key = String(first?.partitionKey);
    const name = String(first?.rowKey);
    const group = groups.find(
      (other) =>
        other.key === key &&
        !other.deliveries.has(name) &&
        other.rows + delivery.rows.length <= transactionRows &&
        other.bytes + delivery.bytes <= transactionBytes,
    ) ?? { key, rows: 0, bytes: 0, deliveries: new Map() };
    if (group.rows === 0) groups.push(group);
    group.rows += delivery.rows.length;
    group.bytes += delivery.bytes;
    group.deliveries.set(name, delivery);
  }
  return groups.map((group) => [...group.deliveries.values()]);
}
