import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { modes } from '../catch-up/report.ts';
import type { Order } from '../catch-up/walk.ts';
import type { JsonValue } from '../sources/kind.ts';
import { MalformedDelivery } from '../sources/kind.ts';
import { parseJson } from '../sources/shared/json-body.ts';
import { invalid, validated } from './validated.ts';

/** So many payloads are taken in one call. */
export const payloadsAtOnce = 1000;

export const dateTimeWithZone = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 date-time with a zone' })
  .transform((text) => new Date(text));

const yesOrNo = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true');

const importSchema = z.strictObject({
  readAt: dateTimeWithZone.optional(),
  mode: z.enum(modes).default('write'),
  repair: yesOrNo.default(false),
  /** Azure's function key travels in the query, too. */
  code: z.string().optional(),
});

/** How payloads are to be imported: `readAt` is when they were read where they come from. Throws a 422 problem. */
export function importOptionsOf(request: HttpRequest, now: Date) {
  const { readAt = now, mode, repair } = validated(importSchema, Object.fromEntries(request.query));
  if (readAt > now) throw invalid([{ path: 'readAt', message: 'lies in the future' }]);
  return { readAt, mode, repair };
}

/** The payloads of a body: a JSON array, or JSON Lines. Throws a MalformedDelivery, and a 422 problem for too many. */
export function payloadsOf(body: Uint8Array): JsonValue[] {
  const text = Buffer.from(body);
  // JSON begins with one of these only if it is an array: `[`, after white space and a byte order mark.
  const isArray = /^(\uFEFF)?\s*\[/.test(text.subarray(0, 4096).toString('utf8'));
  const payloads = isArray ? arrayIn(body) : linesIn(text);
  if (payloads.length > payloadsAtOnce)
    throw invalid([{ path: '', message: `may hold at most ${payloadsAtOnce} payloads: send them in parts` }]);
  return payloads;
}

function arrayIn(body: Uint8Array): JsonValue[] {
  const parsed = parseJson(body);
  if (!Array.isArray(parsed)) throw new MalformedDelivery('The body is no JSON array.');
  return parsed as JsonValue[]; // what JSON.parse gives is JSON
}

/** https://jsonlines.org */
function linesIn(text: Buffer): JsonValue[] {
  const payloads: JsonValue[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    line++;
    if (text.toString('utf8', start, end).trim() !== '')
      payloads.push(parsedLine(text.subarray(start, end), line));
    start = end + 1;
  }
  return payloads;
}

function parsedLine(bytes: Buffer, line: number): JsonValue {
  try {
    return parseJson(bytes) as JsonValue; // what JSON.parse gives is JSON
  } catch (error) {
    if (!(error instanceof MalformedDelivery)) throw error;
    throw new MalformedDelivery(`Line ${line}: ${error.message}`, { cause: error });
  }
}

const orderSchema = z.strictObject({
  since: dateTimeWithZone.optional(),
  mode: z.enum(modes).default('write'),
  repair: z.boolean().default(false),
  restart: z.boolean().default(false),
  startedAt: dateTimeWithZone.optional(),
});

/** How a walk is to be begun: which one, and whether in the place of another. */
export interface WalkRequest {
  readonly order: Order;
  readonly restart: boolean;
  readonly startedAt?: Date;
}

/** What a body asks for; without `since` it is about all customers. Throws a 422 problem. */
export function walkOrderOf(body: unknown, now: Date): WalkRequest {
  const { since, mode, repair, restart, startedAt } = validated(orderSchema, body);
  if (since && since > now) throw invalid([{ path: 'since', message: 'lies in the future' }]);
  const foundBy = repair ? ('repair' as const) : since ? ('catch-up' as const) : ('backfill' as const);
  const window = { ...(since && { since: since.toISOString() }), until: now.toISOString() };
  return { order: { foundBy, mode, ...window }, restart, ...(startedAt && { startedAt }) };
}
