import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { changeSchema } from '../../domain/change.ts';
import { recordKeys } from '../record/delivery-id.ts';
import { openKindOf } from '../record/open-kind.ts';
import {
  type Applicable,
  type DeliveryRecord,
  recordSchema,
  type StoredChange,
  withinBounds,
} from '../record/record.ts';
import { fromRows, rowBytes, textColumnNames, textColumns, textOf, toRows } from './columns.ts';
import { fieldColumns } from './field-columns.ts';

/** The keys of the row of a change: newest first, the changes of a delivery in their order. */
export function changeKeys({ deliveryId, index }: { readonly deliveryId: string; readonly index: number }) {
  const { partitionKey, rowPrefix } = recordKeys(deliveryId);
  return { partitionKey, rowKey: `c${rowPrefix}~${String(index).padStart(5, '0')}` };
}

/** The record as JSON, and beside it what is filtered by. */
export function recordColumns(record: DeliveryRecord): Record<string, string | true> {
  const { status, reason, source, receivedAt, foundBy } = record;
  const open = openKindOf(record);
  return {
    status,
    source,
    receivedAt,
    ...(foundBy && { foundBy }),
    ...(reason !== undefined && { reason: reason.slice(0, 500).replace(lineSeparators, ' ') }),
    ...(open && { open }),
    ...fieldColumns(record),
    ...recordText(record),
  };
}

/** The columns that hold the record whole. */
export function recordText(record: DeliveryRecord): Record<string, string> {
  return textColumns('record', jsonOf(withinBounds(record)));
}

/** Characters of JSON that not every reader of a transaction's lines takes for characters: the emulator ends a line there. */
const lineSeparators = /[\u2028\u2029]/g;

const jsonOf = (record: DeliveryRecord): string =>
  JSON.stringify(record).replace(lineSeparators, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`);

/** The columns that {@link recordOf} reads. */
export const recordColumnNames = textColumnNames('record');

/** The text that the columns of {@link recordText} hold. */
export const recordTextOf = (row: object): string => textOf('record', row);

/** Whether a row has the columns of {@link recordText}. */
export function recordTextIsIn(row: object): boolean {
  return recordColumnNames.some((name) => Reflect.has(row, name));
}

/** The record that a row holds. Throws a ZodError or a SyntaxError if it is none. */
export function recordOf(row: object): DeliveryRecord {
  return recordSchema.parse(JSON.parse(recordTextOf(row)));
}

const thinSchema = z.strictObject({ thin: z.json() });

/** A smaller text is kept as it is: compressing it costs more than it saves. */
const compressedFrom = 4000;

/** What is to be applied, in binary columns; undefined: it does not fit into a row. */
export function packChange({ change, thin }: Applicable): Record<string, Uint8Array> | undefined {
  if (!change && thin === undefined) return {};
  const text = Buffer.from(JSON.stringify(change ?? { thin }));
  const packed = text.length < compressedFrom ? text : gzipSync(text);
  return packed.length > rowBytes ? undefined : toRows(packed)[0];
}

/** Whether a change, or the item of a thin event, is larger than the row of a record can hold. */
export function isTooLarge(applicable: Applicable): boolean {
  return packChange(applicable) === undefined;
}

/** The record and the change that a row holds. Throws a ZodError or a SyntaxError if it is no such row. */
export function storedOf(row: object): StoredChange {
  const stored = { record: recordOf(row), etag: String(Reflect.get(row, 'etag')) };
  const packed = fromRows([{ ...row }]);
  if (packed.length === 0) return stored;
  // JSON begins with a brace, gzip with 0x1f (RFC 1952).
  const text = packed[0] === 0x1f ? gunzipSync(packed) : packed;
  const kept: unknown = JSON.parse(text.toString('utf8'));
  const thin = thinSchema.safeParse(kept);
  return thin.success ? { ...stored, thin: thin.data.thin } : { ...stored, change: changeSchema.parse(kept) };
}
