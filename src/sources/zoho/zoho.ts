import { hash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { contentOfItems } from '../delivery-item.ts';
import { type DeliveryContent, type DeliveryItem, MalformedDelivery, type SourceKind } from '../kind.ts';
import { failureOf } from '../shared/call-vendor.ts';
import { parseJson } from '../shared/json-body.ts';
import { isSecret } from '../shared/shared-secret.ts';
import { isFailure } from '../shared/with-token.ts';
import { askZoho } from './api.ts';
import { changesSince } from './changes-since.ts';
import { changedFields, idsIn, readNotification, type ZohoNotification } from './notification.ts';
import { type Options, optionsSchema } from './options.ts';
import { changeOf, isMapped, recordsIn } from './record.ts';
import { subscription } from './subscription.ts';
import { tokenIn, withoutToken } from './token.ts';

const recordSchema = z.object({
  record: z.string(),
  isNew: z.literal(true).exactOptional(),
  /** Absent: Zoho did not tell. */
  changed: z.array(z.string()).exactOptional(),
});

/** Edits and new records, by every name that Zoho has for them. Which of these notifications use is not documented. */
const takenOperations = new Map([
  ['update', { isNew: false }],
  ['edit', { isNew: false }],
  ['insert', { isNew: true }],
  ['create', { isNew: true }],
]);

/**
 * Zoho CRM's notifications: the token of the channel comes back in the body, nothing is signed. They name records, which
 * are read when they are applied. https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html
 */
export const zoho: SourceKind<Options> = {
  name: 'zoho',
  options: optionsSchema,
  mapping: 'mappings/zoho.jsonata',
  trusted: false,
  /** Without the names of the fields that changed. */
  isSnapshot: (payload) => typeof payload === 'object' && payload !== null && !('changed' in payload),
  // The token is inside the body, which has to be looked through before anything is known of the sender.
  maxBodyBytes: 65_536,

  verify({ body }, { keys }) {
    return isSecret(tokenIn(body), keys);
  },

  withoutSecret: withoutToken,

  read({ body }, options) {
    const notification = readNotification(parseJson(body));
    if (!notification) throw new MalformedDelivery('The body must be a notification of Zoho CRM.');
    const { channel_id, server_time, module, operation } = notification;
    const bodyHash = hash('sha256', body);
    // Without the time, two edits look the same: the record is read for each of them.
    const id = `${channel_id ?? ''}:${server_time ?? randomUUID()}:${bodyHash}`;
    const topic = [module, operation].filter(Boolean).join(' ').slice(0, 200);
    return { id, ...(topic && { topic }), content: contentOf(notification, options) };
  },

  // What counts as success is not documented: the plainest one.
  acknowledge: () => ({ status: 200 }),

  async fetch(named, context) {
    const { options } = context;
    const { record: recordId, isNew, changed } = recordSchema.parse(named);
    const { module } = options;
    const answer = await askZoho({ path: `${module}/${recordId}` }, context);
    if (isFailure(answer)) return answer;
    if (answer.status === 204 || answer.status === 404 || answer.status === 410) return { type: 'gone' };
    // Zoho answers 400 for an id that it does not know (any more): waiting would not help.
    if (answer.status === 400)
      return { type: 'for-a-person', reason: `Zoho refuses to read ${module} ${recordId}: was it deleted?` };
    const [found] = recordsIn(answer) ?? [];
    if (!found) return failureOf(answer);
    // The answer is not from Zoho, or is another record.
    if (found.id !== recordId) return { type: 'unavailable' };

    const unread = (changed ?? []).filter((name) => isMapped(name, options) && !Object.hasOwn(found, name));
    if (unread.length > 0) {
      const reason = `${unread.join(', ')} of ${module} ${recordId} changed, but the token cannot read it`;
      return { type: 'for-a-person', reason };
    }
    const told = { ...(isNew && { isNew }), ...(changed && { changed }) };
    return { type: 'found', payload: { ...changeOf(found, options), ...told } };
  },

  changesSince,
  subscription,
};

function contentOf(notification: ZohoNotification, { module }: Options): DeliveryContent {
  const { operation } = notification;
  if (notification.module !== undefined && notification.module !== module)
    return { type: 'ignored', reason: 'not about the module of options.module' };
  const { ids, unreadable } = idsIn(notification);
  if (operation === undefined && ids.length === 0 && unreadable === 0)
    return { type: 'ignored', reason: 'names neither an operation nor a record' };
  const taken = takenOperations.get(operation?.toLowerCase() ?? '');
  const what = (operation ?? 'no operation').slice(0, 50);
  if (!taken || ids.length === 0) {
    const which = ids.length > 0 ? ids.slice(0, 20).join(', ') : 'without an id';
    return { type: 'for-a-person', reason: `${what} of ${module} ${which}` };
  }
  const items = ids.map((id): DeliveryItem => {
    const changed = changedFields(notification, id);
    return { record: { record: id, ...(taken.isNew ? { isNew: true } : changed && { changed }) } };
  });
  const parked =
    unreadable > 0 ? [{ forAPerson: `${what} of ${module}: ${unreadable} ids cannot be read` }] : [];
  return contentOfItems([...items, ...parked], 'names no record');
}
