import * as z from 'zod';
import { jsonOrUndefined } from '../lib/json.ts';

const tokenSchema = z.object({ nextPartitionKey: z.string() });

/** Whether a text has the form of a continuation token of table storage: where the next page of a list begins. */
export function isContinuationToken(text: string): boolean {
  return tokenSchema.safeParse(jsonOrUndefined(Buffer.from(text, 'base64').toString('utf8'))).success;
}
