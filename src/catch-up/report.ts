import * as z from 'zod';
import { verdicts } from '../delivery/customer/compare.ts';

/** What is done with what is read: written, or only looked at. */
export const modes = ['write', 'dry-run', 'compare'] as const;
export type Mode = (typeof modes)[number];

/**
 * What reading a customer came to.
 *  - written: `applied`, `pending` (it is in the queue), `parked`
 *  - nothing to do: `unchanged`, `stale`, `ignored`; `not-found`: DirectScale has no such customer, or it was not looked up
 *  - of a dry run `would-change`, of a comparison `differs`, or `agrees`: no field that can be compared differs
 */
export const readOutcomes = [
  'applied',
  'pending',
  'parked',
  'unchanged',
  'stale',
  'ignored',
  'not-found',
  'would-change',
  'agrees',
  'differs',
] as const;
export type ReadOutcome = (typeof readOutcomes)[number];

const counts = z.record(z.string(), z.int());

/** How many, of what. Names and counts, no values. */
export const reportSchema = z.object({
  read: z.int().describe('Payloads.'),
  outcomes: z.partialRecord(z.enum(readOutcomes), z.int()).describe('Customers, by what came of them.'),
  fields: z
    .record(z.string(), counts)
    .describe('Of a dry run and a comparison, by field: customers by what holds of it.'),
});
export type Report = z.infer<typeof reportSchema>;

/** A customer that somebody may want to look at. */
export const findingSchema = z.object({
  outcome: z.enum(readOutcomes),
  customerId: z.string().optional(),
  recordId: z.string().optional(),
  /** The delivery under which it is recorded. */
  deliveryId: z.string().optional(),
  reason: z.string().optional(),
  violations: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** Names, never values. */
  fields: z.array(z.object({ path: z.string(), verdict: z.enum(verdicts).optional() })),
});
export type Finding = z.infer<typeof findingSchema>;

export const emptyReport: Report = { read: 0, outcomes: {}, fields: {} };

type Counts = Readonly<Record<string, number | undefined>>;

/** Both together. */
export function added(one: Report, other: Report): Report {
  const names = new Set([...Object.keys(one.fields), ...Object.keys(other.fields)]);
  return {
    read: one.read + other.read,
    outcomes: sum(one.outcomes, other.outcomes),
    fields: Object.fromEntries([...names].map((name) => [name, sum(one.fields[name], other.fields[name])])),
  };
}

function sum(one: Counts = {}, other: Counts = {}): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [name, count = 0] of [...Object.entries(one), ...Object.entries(other)])
    total[name] = (total[name] ?? 0) + count;
  return total;
}
