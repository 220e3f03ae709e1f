import * as z from 'zod';
import { foundBys } from '../delivery/record/found-by.ts';
import type { JsonValue } from '../lib/json.ts';
import { findingSchema, modes, reportSchema } from './report.ts';

/**
 * Why a walk is made.
 *  - `catch-up`: the timer asks what changed since the last time
 *  - `backfill`: an operator reads all customers, or those since a time; the command drives it
 *  - `reconcile`: once a week all customers are compared
 */
export const jobs = ['catch-up', 'backfill', 'reconcile'] as const;
export type Job = (typeof jobs)[number];

/** What a walk does; it never changes while the walk is made. */
export const orderSchema = z.object({
  foundBy: z.enum(foundBys),
  mode: z.enum(modes),
  /** ISO 8601; absent: all customers. */
  since: z.iso.datetime().exactOptional(),
  /** What changed between then and `since` is not read: the vendor does not reach back so far. */
  gapSince: z.iso.datetime().exactOptional(),
  /** The end of the window, fixed at the begin: what changes meanwhile is for the next walk. */
  until: z.iso.datetime(),
});
export type Order = z.infer<typeof orderSchema>;

/** One walk over a source's customers, and how far it is. Holds no secret and no value of a customer. */
export const walkSchema = z.object({
  order: orderSchema,
  startedAt: z.iso.datetime(),
  /** Absent: it goes on. */
  endedAt: z.iso.datetime().exactOptional(),
  /** Why it ended before the last page. */
  failure: z.string().exactOptional(),
  /** Mark of the source's options with which it is made. */
  options: z.string().exactOptional(),
  /** Where the next page begins: the kind's own words. */
  at: (z.json() as z.ZodType<JsonValue>).exactOptional(), // the same, read-only
  /** Marks of those payloads of that page that are done, while others of it are not. */
  doneOfPage: z.array(z.string()).exactOptional(),
  pages: z.int(),
  report: reportSchema,
  /** The first ones that somebody may want to look at. */
  findings: z.array(findingSchema),
  /** Why nobody goes on before a time, and how often in a row. */
  waits: z
    .object({ reason: z.string(), until: z.iso.datetime(), times: z.int(), status: z.int().exactOptional() })
    .exactOptional(),
});
export type Walk = z.infer<typeof walkSchema>;

/** So many findings are kept with a walk; a command gets all of them as they come. */
export const findingsKept = 200;

/** Everything that is kept of one job of a source. */
export const jobStateSchema = z.object({
  /** Milliseconds since 1970: until then somebody else makes the walk. 0: nobody does. */
  leasedUntil: z.number(),
  walk: walkSchema.exactOptional(),
  /** The end of the window of the last walk that came to its end: what changed until then has been read. */
  readUntil: z.iso.datetime().exactOptional(),
});
export type JobState = z.infer<typeof jobStateSchema>;

/** Of a job that was never begun. */
export const neverBegun: JobState = { leasedUntil: 0 };
