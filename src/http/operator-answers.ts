import * as z from 'zod';
import { guardReportSchema } from '../catch-up/guard.ts';
import { actNames } from '../delivery/record/act.ts';
import { deliveryIdSchema } from '../delivery/record/delivery-id.ts';
import { leftOutSchema } from '../domain/left-out.ts';
import { linkAnswer, previewedChange, violationSchema } from './answers.ts';

/**
 * What the API tells operators beside deliveries and links: issues, counts, customers, sources, acts, pauses. Ids, names of
 * fields and times; values of customers only where somebody asks for them, which is noted.
 */

const time = z.iso.datetime();

/** Why changes are parked, or fields are left out: what is equal here is one issue. */
export const issueAnswer = z.object({
  id: z.string().describe('Equal for equal causes, today and tomorrow.'),
  source: z.string(),
  kind: z
    .enum(['parked', 'left-out'])
    .describe('parked: the changes wait for somebody. left-out: they were written without this field.'),
  reason: z.string().describe('parked: the reason by its code. left-out: why the field cannot be used.'),
  path: z.string().optional().describe('The field, where the cause is one; without places in a batch.'),
  words: z.string().optional().describe("DirectScale's words, or what the mapping says."),
  changes: z.int().describe('How many changes have it.'),
  customers: z.int().describe('How many customers; changes whose customer is not known are not in it.'),
  first: time.describe('When the oldest of the changes was received.'),
  last: time.describe('When the newest was.'),
  isMuted: z.boolean().describe('Somebody has muted it: it is known.'),
});

export const issueListAnswer = z.object({
  issues: z.array(issueAnswer).describe('Those with the most changes first.'),
  countedSince: time
    .optional()
    .describe('There are so many that only changes received since then are counted; absent: all are.'),
});

/** What a replay of everything that has one cause did, or would do. */
export const issueReplayAnswer = z.object({
  isDryRun: z.boolean().describe('True: nothing was replayed.'),
  deliveries: z.int().describe('Deliveries that are in the queue again; for a dry run: that would be.'),
  changes: z.int().describe('Their changes that have this cause.'),
  customers: z.int().describe('Their customers, as far as they are known.'),
  notReplayed: z.int().describe('Deliveries of which nothing could be put into the queue.'),
  next: z.string().optional().describe('There is more: ask again with it as from.'),
});

/** What became of the changes of one source that were received in one hour. */
export const hourCountsAnswer = z.object({
  source: z.string(),
  hour: time.describe('When the hour began, UTC.'),
  accepted: z.int().describe('Changes received in this hour and recorded.'),
  applied: z.int().describe('Written to DirectScale.'),
  leftOut: z.int().describe('Changes of which at least one field was left out, whatever became of the rest.'),
  parked: z.int().describe('Cannot be delivered as they are.'),
  pending: z.int().describe('Still in the queue.'),
  unchanged: z.int().describe('The relay wrote these values last.'),
  stale: z.int().describe('Something newer was applied.'),
  other: z.int().describe('Ignored, or returned to the caller of the direct route.'),
  medianDelayMs: z
    .int()
    .optional()
    .describe('From receipt to applied, in milliseconds, of half of the applied changes at most.'),
  slowestDelayMs: z.int().optional().describe('The longest of them.'),
});

export const countsAnswer = z.object({
  since: time.describe('When the first hour began.'),
  hours: z
    .array(hourCountsAnswer)
    .describe('By hour, then by source; an hour in which a source sent nothing is not in it.'),
  asOf: time.describe('Hours that are over are as they stood then, or later.'),
});

/** Since when, until when and why nothing is written. */
export const pauseAnswer = z.object({
  subject: z.string().describe('all, source:<name> or customer:<id>.'),
  note: z.string().describe('Why, in the words of whoever paused it.'),
  since: time,
  until: time.optional().describe('When it ends by itself; absent: when somebody resumes it.'),
  by: z.string().optional().describe('The name that the operator gave.'),
});

/** The body of PUT /pauses/{subject}. */
export const pauseBody = z.strictObject({
  note: z.string().trim().min(1).max(500).describe('Why, for the colleagues.'),
  until: z.iso.datetime({ offset: true }).optional().describe('When it ends by itself.'),
});

export const pauseListAnswer = z.object({ pauses: z.array(pauseAnswer).describe('What is paused by hand.') });

/** One field of a customer, as the relay knows it. */
export const fieldStateAnswer = z.object({
  path: z.string().describe('For instance PrimaryAddress.City.'),
  occurredAt: time
    .optional()
    .describe(
      'When the value changed in its source; absent: nothing is applied, or the change has no time of its own.',
    ),
  receivedAt: time.optional().describe('When the relay received it.'),
  source: z.string().optional().describe('Absent: its delivery is not kept any more.'),
  deliveryId: z.string().optional(),
  inDoubt: z
    .object({
      occurredAt: time.optional(),
      receivedAt: time,
      source: z.string().optional(),
      deliveryId: z.string(),
    })
    .optional()
    .describe('A call was begun and nobody saw its end: it may have been written.'),
  refused: z
    .object({ at: time, reason: z.string().describe("With DirectScale's words.") })
    .optional()
    .describe('DirectScale refuses the value that came last: it is left out while it is the same.'),
});

export const customerAnswer = z.object({
  customerId: z.string(),
  fields: z.array(fieldStateAnswer).describe('What is known of each field, by path.'),
  links: z.array(linkAnswer),
  pauses: z
    .array(pauseAnswer)
    .describe('Those by hand that hold its changes: its own, and that of everything.'),
  pausedUntil: time.optional().describe('It was written to too often: nobody writes to it before then.'),
  forgottenAt: time.optional().describe('It was forgotten on request.'),
});

export const comparedFieldAnswer = z.object({
  path: z.string(),
  result: z
    .enum(['equal', 'different', 'unknown'])
    .describe(
      'unknown: the relay wrote nothing, a call is in doubt, the subscription key was changed since, or DirectScale does not tell the field.',
    ),
  value: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe('What DirectScale holds, for values=true.'),
});

export const comparisonAnswer = z.object({
  customerId: z.string(),
  readAt: time.describe('When DirectScale was read.'),
  fields: z.array(comparedFieldAnswer).describe('Each field that the relay knows of.'),
});

export const sourceAnswer = z.object({
  name: z.string(),
  kind: z.string().optional().describe('The protocol that it speaks; absent: it is misconfigured.'),
  address: z.url().describe('What the vendor is to be given.'),
  mode: z.enum(['queued', 'sync']).optional().describe('sync: a webhook is answered with the outcome.'),
  state: z
    .enum(['ready', 'misconfigured', 'secret-unavailable', 'secret-unusable'])
    .describe('ready: its webhooks are taken.'),
  problems: z.array(violationSchema).optional().describe('What is wrong with its configuration.'),
  secrets: z.array(
    z.object({
      name: z.string(),
      isReadable: z.boolean().describe('The vault gives it.'),
      isUsable: z.boolean().describe('It can be a key.'),
      reason: z.string().optional().describe('Why not.'),
    }),
  ),
  lastAccepted: time
    .optional()
    .describe('When the newest recorded change was received; absent: none in the last two days.'),
  lastRefused: z
    .object({ at: time, reason: z.string() })
    .optional()
    .describe('The last refusal, to a minute, and its class.'),
  catchUp: z
    .object({
      lastRunAt: time.optional().describe('When it ran last.'),
      upTo: time.optional().describe('Up to when the vendor was read.'),
      failure: z.string().optional().describe('Why the last run failed.'),
    })
    .optional()
    .describe('Absent: it has none.'),
  subscription: z
    .object({
      state: guardReportSchema.shape.state,
      checkedAt: time.describe('When somebody looked.'),
      endsAt: guardReportSchema.shape.endsAt,
      note: z.string().optional().describe('What is wrong, in words.'),
    })
    .optional()
    .describe('Whether the vendor still sends; absent: nobody has looked.'),
});

export const sourceListAnswer = z.object({ sources: z.array(sourceAnswer).describe('The sources.') });

/** What an operator did. */
export const actAnswer = z.object({
  at: time,
  act: z.enum(actNames).describe('What it was.'),
  subject: z.string().describe('What with: delivery, customer, link, issue or source, and its id.'),
  by: z.string().optional().describe('The name that the caller gave; nobody has proven it unless signedIn.'),
  signedIn: z.boolean().describe("True: the name is that of the platform's sign-in."),
});

export const actListAnswer = z.object({
  acts: z.array(actAnswer).describe('Newest first.'),
  next: z.string().optional().describe('Where the next page begins: ask again with it as from.'),
});

const value = z.union([z.string(), z.number(), z.boolean()]);

/** A change of a recorded delivery beside what today's mapping makes of it. */
export const remappedChangeAnswer = z.object({
  index: z.int(),
  result: z
    .enum(['same', 'different', 'gone', 'new', 'thin'])
    .describe(
      'gone: the mapping of today makes no such change. new: that of then made none. thin: the delivery only names a record, which would have to be read.',
    ),
  customerId: z.string().optional(),
  added: z.array(z.string()).describe("Fields, by path, that only today's mapping gives."),
  removed: z.array(z.string()).describe('Fields that only the mapping of then gave.'),
  changed: z.array(z.string()).describe('Fields that get another value.'),
  leftOut: z.array(leftOutSchema).describe("What today's mapping leaves out."),
  violations: z.array(violationSchema).describe("Why today's mapping cannot use it."),
  values: z
    .record(
      z.string(),
      z.object({
        before: value.optional().describe('What the change sets.'),
        now: value.optional().describe('What it would set today.'),
      }),
    )
    .optional()
    .describe('Of added, removed and changed fields, for values=true.'),
});

export const remappedAnswer = z.object({
  deliveryId: z.string(),
  source: z.string(),
  mappingBefore: z.string().optional().describe('The beginning of the SHA-256 of the text.'),
  mappingNow: z.string().optional().describe('The same of today.'),
  ignored: z.string().optional().describe('Why today nothing would be applied of it.'),
  changes: z.array(remappedChangeAnswer).describe('Change by change.'),
});

/** The body of POST /preview/{source}/draft. */
export const draftBody = z.strictObject({
  payload: z.unknown().optional().describe('The payload as JSON. One of payload, body and deliveryId.'),
  body: z.string().optional().describe('The body as it was sent, for a payload that is not JSON.'),
  deliveryId: deliveryIdSchema
    .optional()
    .describe('A recorded delivery, whose request is used as it came. That its values are shown is noted.'),
  record: z
    .boolean()
    .optional()
    .describe(
      "true: the payload is a record as the vendor's API gives it, for sources whose events only name one.",
    ),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Those that the kind reads, for instance the topic.'),
  mapping: z
    .string()
    .max(100_000)
    .optional()
    .describe('A JSONata expression in place of the mapping of the source.'),
});

/** What a draft of a mapping makes of a payload; also what is wrong with it. */
export const draftAnswer = z.object({
  status: z
    .enum(['mapped', 'unmappable', 'does-not-compile', 'ignored', 'references', 'for-a-person', 'thin'])
    .describe('unmappable: see violations. does-not-compile: see line and column.'),
  mapping: z
    .string()
    .optional()
    .describe('The text of the mapping that was used; absent: the kind needs none.'),
  reason: z.string().optional(),
  changes: z.array(previewedChange).describe('What would be applied.'),
  leftOut: z.array(leftOutSchema).describe('Fields that cannot be used.'),
  violations: z.array(violationSchema).describe('What is wrong otherwise.'),
  line: z.int().optional().describe('Where the mapping does not compile, from 1.'),
  column: z.int().optional().describe('And in which column.'),
});

export type Draft = z.infer<typeof draftAnswer>;
export type Issue = z.infer<typeof issueAnswer>;
export type IssueList = z.infer<typeof issueListAnswer>;
export type IssueReplay = z.infer<typeof issueReplayAnswer>;
export type HourCounts = z.infer<typeof hourCountsAnswer>;
export type Counts = z.infer<typeof countsAnswer>;
export type PauseList = z.infer<typeof pauseListAnswer>;
export type Customer = z.infer<typeof customerAnswer>;
export type Comparison = z.infer<typeof comparisonAnswer>;
export type SourceList = z.infer<typeof sourceListAnswer>;
export type ActList = z.infer<typeof actListAnswer>;
export type Remapped = z.infer<typeof remappedAnswer>;
