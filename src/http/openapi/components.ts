import * as z from 'zod';
import { modes } from '../../catch-up/report.ts';
import { changedFieldsSchema } from '../../domain/changed-fields.ts';
import { customerIdSchema } from '../../domain/customer-id.ts';
import { lookUpNames } from '../../domain/customer-reference.ts';
import * as answers from '../answers.ts';
import { linksAtOnce } from '../link-requests.ts';
import * as operatorAnswers from '../operator-answers.ts';
import { payloadsAtOnce } from '../read-requests.ts';
import type { JsonObject } from './json-object.ts';

export const customerChanges = changedFieldsSchema.meta({
  description:
    'The fields that change, at least one; "" clears a field. Of an address only the properties that change.',
  minProperties: 1,
});

const identifier = z.union([z.string(), z.int()]);
const customerId = z.union([customerIdSchema, z.int().positive()]);

/** The customer that a record is linked to. */
export const linkBody = z.strictObject({ customerId });

/** Many links at once. */
export const linksBody = z
  .array(z.strictObject({ source: z.string(), recordId: identifier, customerId }))
  .max(linksAtOnce);

const customerReference = z
  .strictObject({
    customerId: customerId.optional(),
    ...Object.fromEntries(lookUpNames.map((name) => [name, identifier.optional()])),
  })
  .describe('The DirectScale id, or one value or several to look the customer up by.');

const canonicalChange = z
  .strictObject({
    customer: z.union([customerReference, z.array(customerReference)]).optional(),
    recordId: identifier.optional().describe('The id of the record in the system that it comes from.'),
    occurredAt: z
      .union([z.iso.datetime({ offset: true }), z.number()])
      .optional()
      .describe(
        'When the customer changed: ISO 8601 or epoch. Absent: when it is received, as the time of sending is signed.',
      ),
    fields: customerChanges,
  })
  .describe("A change in the relay's own form.");

/** What a canonical source sends: a change in the relay's own form, or an array of them. Others send their own. */
export const webhookBody = z
  .union([canonicalChange, z.array(canonicalChange), z.unknown()])
  .describe("A change or several for a canonical source; for all others what the source's vendor sends.");

/** Which customers of a vendor are read, and what for. */
export const walkOrder = z.strictObject({
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Who changed since then: ISO 8601 with a zone. Absent: all.'),
  mode: z
    .enum(modes)
    .optional()
    .describe('write; dry-run: only say what would change; compare: only say how each field stands.'),
  repair: z.boolean().optional().describe('true: write also what somebody changed inside DirectScale.'),
  restart: z.boolean().optional().describe('true: give up another walk that is not at its end.'),
  startedAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('The walk that you go on with: if it has ended meanwhile, its end is told, and none is begun.'),
});

/** Payloads for a source's mapping. */
export const payloads = z
  .array(z.unknown())
  .max(payloadsAtOnce)
  .describe(
    "Payloads for the source's mapping, each as its webhook would bring it. JSON Lines are taken as well.",
  );

/** The answer to a webhook that is not queued; or what the vendor's protocol asks for. */
export const webhookAnswer = z
  .union([answers.deliveryAnswer, z.unknown()])
  .describe("The delivery; or what the vendor's protocol prescribes.");

/** The description of the API itself. */
export const descriptionAnswer = z.looseObject({}).describe('An OpenAPI description.');

const named = {
  CustomerChanges: customerChanges,
  CustomerReference: customerReference,
  CanonicalChange: canonicalChange,
  WebhookBody: webhookBody,
  WebhookAnswer: webhookAnswer,
  Change: answers.changeAnswer,
  Delivery: answers.deliveryAnswer,
  PendingDelivery: answers.pendingDeliveryAnswer,
  DirectChange: answers.directChangeAnswer,
  Accepted: answers.acceptedAnswer,
  DirectAccepted: answers.directAcceptedAnswer,
  ListedChange: answers.listedChangeAnswer,
  ChangeList: answers.listAnswer,
  ReplayedAll: answers.replayedAllAnswer,
  Forgotten: answers.forgottenAnswer,
  IssueList: operatorAnswers.issueListAnswer,
  IssueReplay: operatorAnswers.issueReplayAnswer,
  Customer: operatorAnswers.customerAnswer,
  Comparison: operatorAnswers.comparisonAnswer,
  SourceList: operatorAnswers.sourceListAnswer,
  Remapped: operatorAnswers.remappedAnswer,
  DraftBody: operatorAnswers.draftBody,
  Draft: operatorAnswers.draftAnswer,
  Counts: operatorAnswers.countsAnswer,
  PauseBody: operatorAnswers.pauseBody,
  Pause: operatorAnswers.pauseAnswer,
  PauseList: operatorAnswers.pauseListAnswer,
  ActList: operatorAnswers.actListAnswer,
  LinkBody: linkBody,
  LinksBody: linksBody,
  Link: answers.linkAnswer,
  LinkList: answers.linkListAnswer,
  LinksSet: answers.linksSetAnswer,
  Payloads: payloads,
  Imported: answers.importAnswer,
  WalkOrder: walkOrder,
  WalkStep: answers.walkStepAnswer,
  Walks: answers.walksAnswer,
  Preview: answers.previewAnswer,
  Health: answers.healthAnswer,
  HealthDetails: answers.healthDetailsAnswer,
  Description: descriptionAnswer,
  Problem: answers.problemAnswer,
} satisfies Readonly<Record<string, z.ZodType>>;

const registry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });

const refTo = (id: string): string => `#/components/schemas/${id}`;

/** Where the description holds a schema. Throws for one that is not listed here. */
export function componentRef(schema: z.ZodType): { readonly $ref: string } {
  const id = registry.get(schema)?.id;
  if (!id) throw new Error('the schema of a body or of an answer must be listed in components.ts');
  return { $ref: refTo(id) };
}

/** Every schema by its name, as JSON Schema 2020-12. */
export function componentSchemas(): Record<string, JsonObject> {
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: refTo, override: dropSafeLimits });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutOwnName(schema)]));
}

/** A schema without a name, as JSON Schema 2020-12. */
export function inlineSchema(schema: z.ZodType): JsonObject {
  return withoutOwnName(z.toJSONSchema(schema, { io: 'input', override: dropSafeLimits }));
}

function withoutOwnName({ $id: _, $schema: __, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** That JavaScript counts to 2^53 is of no use to a reader. */
function dropSafeLimits({ jsonSchema }: { jsonSchema: { minimum?: number; maximum?: number } }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
