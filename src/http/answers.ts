import * as z from 'zod';
import { findingSchema, reportSchema } from '../catch-up/report.ts';
import { jobs, orderSchema, walkSchema } from '../catch-up/walk.ts';
import { recordSchema, statuses } from '../delivery/record/record.ts';
import { linkSchema } from '../delivery/store/link-rows.ts';
import { changeSchema } from '../domain/change.ts';
import { lookUpNames } from '../domain/customer-reference.ts';
import { leftOutSchema } from '../domain/left-out.ts';
import { problems } from './problem.ts';

/**
 * What the API answers, as schemas: for its description, and for tests that hold real answers against them.
 * The handlers' own types decide what is sent; nothing is checked at run time.
 */
export const violationSchema = z.object({
  path: z.string().describe('Where, for instance PrimaryAddress.City.'),
  message: z.string(),
});

const status = z
  .enum(statuses)
  .describe(
    'pending: in the queue or being applied. applied, unchanged (the relay wrote these values last, or has just read them in DirectScale), stale (something newer was applied): done. parked: cannot be delivered, kept to be replayed. ignored: not about a customer. returned: the caller was told to repeat it.',
  );

const change = recordSchema
  .omit({ deliveryId: true, source: true, topic: true, foundBy: true, receivedAt: true, turn: true })
  .extend({ status });

const origin = recordSchema.pick({
  deliveryId: true,
  source: true,
  topic: true,
  foundBy: true,
  receivedAt: true,
});

/** What became of one change: ids, field names and statuses, never values. */
export const changeAnswer = change;

/** A delivery with its changes and their attempts. */
export const deliveryAnswer = origin.extend({
  status,
  changes: z.array(changeAnswer),
  body: z.string().optional().describe('The raw body, for body=true, while it is kept.'),
});

/** The outcome of a change of the direct route. */
export const directChangeAnswer = change.extend({ deliveryId: z.string() });

/** Safe, and not applied yet. */
export const acceptedAnswer = z.object({
  deliveryId: z.string(),
  status: z.literal('pending').describe('pending: in the queue. What became of it is told at the Location.'),
});

/** Either form of a 202 for a delivery: in the queue as it came, or read and not finished. */
export const pendingDeliveryAnswer = z.union([deliveryAnswer, acceptedAnswer]);

/** Either form of a 202 of the direct route. */
export const directAcceptedAnswer = z.union([directChangeAnswer, acceptedAnswer]);

/** A line of the list: a change with the delivery that it came in. */
export const listedChangeAnswer = origin.extend({
  ...change.omit({ attempts: true }).partial({ violations: true }).shape,
  lastAttempt: recordSchema.shape.attempts.element.optional(),
});

export const listAnswer = z.object({
  changes: z.array(listedChangeAnswer),
  next: z.string().optional().describe('Where the next page begins: ask again with it as from.'),
});

export const replayedAllAnswer = z.object({
  isDryRun: z.boolean().describe('True: nothing was replayed, the numbers say what would be.'),
  replayed: z.int().describe('Deliveries that are in the queue again.'),
  notReplayed: z.int().describe('Deliveries of which nothing could be put into the queue.'),
  changes: z.int().describe('The changes that match.'),
  customers: z.int().describe('Their customers, as far as they are known.'),
  next: z.string().optional().describe('There is more: ask again with it as from.'),
});

export const forgottenAnswer = z.object({ deletedRecords: z.int() });

/** A change as a preview shows it. */
export const previewedChange = changeSchema.extend({
  note: z
    .string()
    .exactOptional()
    .describe('Why it would be parked without a look-up; absent: nothing is known against it.'),
});

/** What a payload would give. */
export const previewAnswer = z.union([
  z.object({
    status: z.literal('mapped'),
    changes: z.array(previewedChange),
    leftOut: z
      .array(leftOutSchema)
      .optional()
      .describe('Fields that cannot be used and would not be written.'),
    parked: z
      .array(z.object({ reason: z.string().optional(), violations: z.array(violationSchema).optional() }))
      .optional()
      .describe('The elements of a batch that would be parked, and why.'),
  }),
  z.object({
    status: z
      .literal('references')
      .describe('The customer has new references: its links are looked up anew.'),
    customerId: z.string(),
  }),
  z.object({ status: z.literal('thin'), items: z.array(z.unknown()) }),
  z.object({ status: z.enum(['ignored', 'for-a-person']), reason: z.string() }),
]);

/** That a record of a source is a customer. */
export const linkAnswer = linkSchema.extend({
  origin: linkSchema.shape.origin.describe('Who made it.'),
  foundBy: z.enum(lookUpNames).optional().describe('What the look-up that made it looked for.'),
});

export const linkListAnswer = z.object({
  links: z.array(linkAnswer),
  unreadable: z
    .array(z.object({ source: z.string(), recordId: z.string() }))
    .optional()
    .describe('Records whose link cannot be read: remove it, or set it anew.'),
  next: z.string().optional().describe('Where the next page begins: ask again with it as from.'),
});

export const linksSetAnswer = z.object({ written: z.int(), unchanged: z.int() });

const stopped = z
  .object({ reason: z.string(), retryAfterSeconds: z.int() })
  .describe('Why nobody can go on now: send the rest after that time.');

/** What became of payloads that were imported. */
export const importAnswer = z.object({
  done: z.int().describe('So many payloads, from the first one on, are done; send the rest again.'),
  report: reportSchema.describe('How many, of what.'),
  findings: z
    .array(findingSchema.extend({ index: z.int().describe('Which of the payloads.') }))
    .describe('What somebody may want to look at. What is as it should be is only counted.'),
  stopped: stopped.optional(),
});

const walk = walkSchema.omit({ at: true, doneOfPage: true, options: true, findings: true }).extend({
  order: orderSchema.describe('What the walk does; without since it is about all customers.'),
  pages: z.int().describe('Pages of the vendor that are done.'),
  report: reportSchema.describe('How many, of what.'),
  endedAt: z.iso.datetime().optional().describe('Absent: it goes on.'),
  failure: z.string().optional().describe('Why it ended before the last page.'),
  waits: walkSchema.shape.waits.describe('Why nobody goes on before a time.'),
});

/** How a walk stands after one step of it. */
export const walkStepAnswer = walk.extend({
  isElsewhere: z.boolean().describe('Somebody else goes on with it now.'),
  stepFindings: z.array(findingSchema).describe('What this step found.'),
});

/** Every walk of a source that is known. */
export const walksAnswer = z.object({
  source: z.string(),
  walks: z
    .partialRecord(
      z.enum(jobs),
      walk.extend({ findings: z.array(findingSchema).describe('The first ones.') }),
    )
    .describe('The last one of each job.'),
});

export { healthDetailsSchema as healthDetailsAnswer, healthSchema as healthAnswer } from '../health.ts';

const codes = Object.keys(problems) as [keyof typeof problems, ...(keyof typeof problems)[]];

/** An error: application/problem+json (RFC 9457). */
export const problemAnswer = z.object({
  type: z.string().describe('urn:customer-relay:problem: and the code.'),
  code: z.enum(codes),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What is wrong and what to do about it.'),
  violations: z.array(violationSchema).optional(),
  reason: z.string().optional(),
  deliveryId: z.string().optional(),
  invocationId: z.string().optional(),
  upstream: z
    .object({
      status: z.int().optional(),
      requestId: z.string().optional().describe("DirectScale's support finds the call by it."),
      message: z.string().optional(),
    })
    .optional()
    .describe('What DirectScale said.'),
});
