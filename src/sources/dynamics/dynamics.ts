import { hash } from 'node:crypto';
import * as z from 'zod';
import type { Delivery, DeliveryContent, KeptRequest, SourceKind } from '../kind.ts';
import { saysSnapshot } from '../shared/record-change.ts';
import { isSecret } from '../shared/shared-secret.ts';
import { changesSince } from './changes-since.ts';
import { operationOf, readContext, recordChangeOf } from './context.ts';
import { type Options, optionsSchema } from './options.ts';
import { readDataverseRecord } from './record.ts';
import { subscription } from './subscription.ts';

/** Messages that leave the record's own data as it is. */
const otherMessage =
  /^(Assign|(Dis)?Associate|(Grant|Modify|Revoke)Access|IsValidStateTransition|Retrieve\w*|SetState\w*)$/;

/** Dataverse says so when it has removed the data from a message. */
const sizeHeader = 'x-ms-dynamics-msg-size-exceeded';

const operationSchema = z.object({
  object: z.string(),
  recordId: z.string(),
  changedBy: z.string().exactOptional(),
});

/**
 * Dynamics 365 (Dataverse): webhooks with the RemoteExecutionContext of one operation. Nothing is signed: a secret in
 * the query or in a header. https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks
 */
export const dynamics: SourceKind<Options> = {
  name: 'dynamics',
  options: optionsSchema,
  mapping: 'mappings/dynamics.jsonata',
  trusted: false,
  isSnapshot: saysSnapshot,
  headersRead: new RegExp(`^${sizeHeader}$`),

  verify({ url, headers }, { keys, options }) {
    const inHeader = isSecret(headers.get(options.header), keys);
    const asWebhookKey = isSecret(url.searchParams.get('code'), keys);
    return isSecret(url.searchParams.get(options.query), keys) || asWebhookKey || inHeader;
  },

  read(request, options): Delivery {
    const context = readContext(request.body);
    const { PrimaryEntityName, MessageName } = context;
    return {
      // Dataverse has no id for a delivery: the operation and its time are in the body.
      id: hash('sha256', request.body),
      topic: [PrimaryEntityName, MessageName].filter(Boolean).join(' '),
      content: contentOf(context, request, options),
    };
  },

  async fetch(record, context) {
    const { options } = context;
    const operation = operationSchema.parse(record);
    // The options have changed since it was received.
    if (!options.webApi || !options.tables[operation.object])
      return { type: 'for-a-person', reason: tooLarge(operation) };
    return readDataverseRecord(operation, context);
  },

  changesSince,
  subscription,
};

function contentOf(
  context: ReturnType<typeof readContext>,
  { headers }: KeptRequest,
  options: Options,
): DeliveryContent {
  const { MessageName } = context;
  const { tables, webApi } = options;
  if (context.PrimaryEntityName && !Object.hasOwn(tables, context.PrimaryEntityName))
    return { type: 'ignored', reason: 'not a table that the source takes' };
  if (otherMessage.test(MessageName))
    return { type: 'ignored', reason: 'not a message that changes the data of a record' };
  const operation = operationOf(context);
  if (!operation) return { type: 'for-a-person', reason: `${MessageName} that does not name one record` };

  const { object, recordId } = operation;
  if (MessageName !== 'Create' && MessageName !== 'Update')
    return { type: 'for-a-person', reason: `${MessageName} of ${object} ${recordId}` };
  const isCut = headers.get(sizeHeader)?.toLowerCase() === 'true';
  const change = isCut ? undefined : recordChangeOf(context, operation, options);
  if (!change) {
    if (webApi) return { type: 'items', items: [{ record: { ...operation } }] };
    return { type: 'for-a-person', reason: tooLarge(operation) };
  }
  if (change.fields.merged === true && change.changed.includes('merged'))
    return { type: 'for-a-person', reason: `merge of ${object} ${recordId} into another` };
  // A new record is not a customer until it has the DirectScale id.
  if (change.snapshot && !change.customerId)
    return { type: 'ignored', reason: 'a new record without a DirectScale id' };
  return { type: 'changes', payload: change };
}

const tooLarge = ({ object, recordId }: { readonly object: string; readonly recordId: string }): string =>
  `${object} ${recordId} changed, but the message came without its data (over 256 KB)`;
