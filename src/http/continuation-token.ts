import * as z from 'zod';
import { jsonOrUndefined } from '../lib/json.ts';

/** A key as table storage encodes it for a header. */
const key = z.string().regex(/^[!-~]{0,1500}$/);
const tokenSchema = z.strictObject({ nextPartitionKey: key, nextRowKey: key.optional() });

/** Whether a text has the form of a continuation token of table storage: where the next page of a list begins. */
export function isContinuationToken(text: string): boolean {
  return tokenSchema.safeParse(jsonOrUndefined(Buffer.from(text, 'base64').toString('utf8'))).success;
}
