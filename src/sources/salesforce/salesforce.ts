import { contentOfItems, isForAPerson } from '../delivery-item.ts';
import { type Delivery, MalformedDelivery, type SourceKind } from '../kind.ts';
import { sharedType } from '../shared/event-types.ts';
import { saysSnapshot } from '../shared/record-change.ts';
import { isSecret } from '../shared/shared-secret.ts';
import { type ChangeEvent, changeEventIdOf, itemsOfEvent, readChangeEvents } from './change-event.ts';
import { changesSince } from './changes-since.ts';
import { type Options, optionsSchema } from './options.ts';
import {
  acknowledgement,
  itemsOfMessage,
  outboundMessageIdOf,
  readOutboundMessage,
} from './outbound-message.ts';
import { subscription } from './subscription.ts';
import { looksLikeXml } from './xml-body.ts';

/**
 * Salesforce: outbound messages (SOAP), and events of Change Data Capture (JSON) that a middleware posts. Nothing is
 * signed: a secret in the query or in a header, and the organization that a message names.
 * https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_security.htm
 */
export const salesforce: SourceKind<Options> = {
  name: 'salesforce',
  options: optionsSchema,
  mapping: 'mappings/salesforce.jsonata',
  trusted: false,
  isSnapshot: saysSnapshot,

  verify({ url, headers, body }, { keys, options }) {
    const inHeader = isSecret(headers.get(options.header), keys);
    const isKnown = isSecret(url.searchParams.get(options.query), keys) || inHeader;
    return isKnown && isOf(options.organizationId, body);
  },

  read({ body }, { objects, idField }): Delivery {
    if (looksLikeXml(body)) {
      const message = readOutboundMessage(body);
      const items = itemsOfMessage(message, objects, idField);
      const topic = sharedType(message.notifications.map(({ object }) => object));
      return {
        id: outboundMessageIdOf(message),
        ...(topic && { topic }),
        content: contentOfItems(items, 'not an object that the source takes'),
      };
    }
    const events = readChangeEvents(body);
    const items = events.flatMap((event) =>
      isForAPerson(event) ? [event] : itemsOfEvent(event, objects, idField),
    );
    const topic = sharedType(events.flatMap((event) => (isForAPerson(event) ? [] : topicOf(event))));
    return {
      id: changeEventIdOf(events, body),
      ...(topic && { topic }),
      content: contentOfItems(
        items,
        'not an object that the source takes, or a new record without a DirectScale id',
      ),
    };
  },

  acknowledge({ body }) {
    return looksLikeXml(body) ? acknowledgement : undefined;
  },

  changesSince,
  subscription,
};

const topicOf = ({ ChangeEventHeader: { entityName, changeType } }: ChangeEvent): string =>
  `${entityName} ${changeType}`;

/** Whether a message is of the organization. Of one that cannot be read `read` says so. */
function isOf(organizationId: string | undefined, body: Uint8Array): boolean {
  if (organizationId === undefined || !looksLikeXml(body)) return true;
  try {
    // The last three of the 18 characters only repeat the letters' case.
    return readOutboundMessage(body).organizationId.slice(0, 15) === organizationId.slice(0, 15);
  } catch (error) {
    if (error instanceof MalformedDelivery) return true;
    throw error;
  }
}
