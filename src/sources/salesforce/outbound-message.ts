import { hash } from 'node:crypto';
import { MalformedDelivery, type Reply } from '../kind.ts';
import { bounded, customerIdIn, type RecordItem } from '../shared/record-change.ts';
import { parseXml, type XmlElement } from './xml-body.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const outbound = 'http://soap.sforce.com/2005/09/outbound';
const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance';

/** The WSDL's maxOccurs. */
const maxNotifications = 100;

interface OutboundMessage {
  readonly organizationId: string;
  readonly notifications: readonly Notification[];
}

interface Notification {
  /** "" when the notification has none. */
  readonly id: string;
  /** The object: `Contact`. "" when the message has no record. */
  readonly object: string;
  /** By name; those that are empty are not there. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * An outbound message: SOAP 1.1 with 1 to 100 notifications. Throws {@link MalformedDelivery}.
 * https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_notifications.htm
 */
export function readOutboundMessage(body: Uint8Array): OutboundMessage {
  const envelope = parseXml(body);
  const isEnvelope = envelope.name === 'Envelope' && envelope.namespace === soap;
  const message = isEnvelope && child(child(envelope, 'Body', soap), 'notifications', outbound);
  if (!message) throw new MalformedDelivery('The XML must be an outbound message of Salesforce.');
  // A session id gives access to Salesforce, and it would be kept with the body.
  if (textOf(message, 'SessionId')) {
    throw new MalformedDelivery(
      'The message holds a session id. Switch "Send Session ID" off in the outbound message.',
    );
  }
  const organizationId = textOf(message, 'OrganizationId');
  const notifications = message.children.filter(
    ({ name, namespace }) => name === 'Notification' && namespace === outbound,
  );
  if (!organizationId || notifications.length === 0 || notifications.length > maxNotifications) {
    throw new MalformedDelivery(
      `An outbound message must have an OrganizationId and 1 to ${maxNotifications} notifications.`,
    );
  }
  return { organizationId, notifications: notifications.map(readNotification) };
}

/**
 * Equal for every repeat. The record is part of it: a repeat is sent with the record as it is by then, and what has
 * changed since must not be taken for the first message.
 */
export function outboundMessageIdOf({ organizationId, notifications }: OutboundMessage): string {
  return `outbound:${hash('sha256', JSON.stringify([organizationId, notifications]))}`;
}

/** An item for each notification about one of the objects. */
export function itemsOfMessage(
  { notifications }: OutboundMessage,
  objects: readonly string[],
  idField: string,
): RecordItem[] {
  return notifications
    .filter(({ object }) => object === '' || objects.includes(object))
    .map(({ id, object, fields }) => {
      if (!id) return { forAPerson: 'a notification without an Id' };
      const { Id: recordId = '', ...values } = fields;
      const changed = Object.keys(values);
      if (changed.length === 0) {
        const what = [object, recordId].filter(Boolean).join(' ') || 'a record';
        return { forAPerson: `${what} without data: it may have been deleted` };
      }
      const occurredAt = fields.SystemModstamp ?? fields.LastModifiedDate;
      const changedBy = fields.LastModifiedById;
      return {
        payload: {
          object,
          recordId,
          ...customerIdIn(fields[idField]),
          ...(occurredAt && { occurredAt }),
          ...(changedBy && { changedBy }),
          fields: values,
          changed,
          snapshot: true,
        },
      };
    });
}

/** The only success that Salesforce knows: 200 with this. For the message as a whole; there is none for a part of it. */
export const acknowledgement: Reply = {
  status: 200,
  headers: { 'Content-Type': 'text/xml; charset=utf-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="${soap}">
 <soapenv:Body>
  <notificationsResponse xmlns="${outbound}">
   <Ack>true</Ack>
  </notificationsResponse>
 </soapenv:Body>
</soapenv:Envelope>
`,
};

function readNotification(notification: XmlElement): Notification {
  const id = textOf(notification, 'Id');
  const record = child(notification, 'sObject', outbound);
  const type = record?.attributes.get(`{${schemaInstance}}type`) ?? '';
  // Empty, nil and absent are the same: the field has no value, and whether it ever had one is not known.
  const fields = (record?.children ?? [])
    .filter(({ children, text }) => children.length === 0 && text.trim() !== '')
    .map(({ name, text }): [string, string] => [name, bounded(text)]);
  return { id, object: type.replace(/^.*:/, ''), fields: Object.fromEntries(fields) };
}

function child(
  element: XmlElement | undefined,
  wanted: string,
  wantedNamespace: string,
): XmlElement | undefined {
  return element?.children.find(({ name, namespace }) => name === wanted && namespace === wantedNamespace);
}

const textOf = (element: XmlElement, name: string): string =>
  child(element, name, outbound)?.text.trim() ?? '';
