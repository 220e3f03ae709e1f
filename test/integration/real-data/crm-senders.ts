import { randomUUID } from 'node:crypto';
import { type Sent, wires } from './wires.ts';

export const json = (body: unknown, headers?: Readonly<Record<string, string>>): Sent => ({
  body: JSON.stringify(body),
  ...(headers && { headers }),
});
export const minute = (minutes: number) => Date.parse('2026-11-20T21:03:22.000Z') + minutes * 60_000;

/** Events of HubSpot about a contact that holds these properties. */
export const hubspot =
  (changed: Readonly<Record<string, unknown>>, held: Readonly<Record<string, string>> = {}) =>
  (id: string): Sent => ({
    ...json(
      Object.entries(changed).map(([propertyName, propertyValue]) => ({
        eventId: 1,
        subscriptionType: 'contact.propertyChange',
        objectId: Number(id),
        portalId: 33,
        occurredAt: minute(0),
        propertyName,
        propertyValue,
      })),
    ),
    records: {
      [`/crm/v3/objects/contacts/${id}`]: {
        id,
        properties: { directscale_customer_id: ` ${id} `, ...texts(changed), ...held },
      },
    },
  });
const texts = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

export const hubspotWorkflow =
  (properties: Readonly<Record<string, string>>) =>
  (id: string): Sent =>
    json({
      hs_object_id: id,
      directscale_customer_id: id,
      lastmodifieddate: String(minute(0)),
      ...properties,
    });

/** An outbound message of Salesforce. */
export const outbound =
  (fields: Readonly<Record<string, string>>, minutes = 0) =>
  (id: string): Sent => {
    const all = {
      Id: `003${id}`,
      DirectScale_Customer_Id__c: id,
      SystemModstamp: new Date(minute(minutes)).toISOString(),
      ...fields,
    };
    const elements = Object.entries(all).map(([name, value]) => `<sf:${name}>${value}</sf:${name}>`);
    return {
      body: `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D7F00000107XsUAI</OrganizationId>
<Notification><Id>04l${randomUUID().slice(0, 15)}</Id><sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
${elements.join('')}</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>`,
    };
  };

/** A change event of Salesforce. */
export const changeEvent =
  (header: object, fields: object) =>
  (id: string): Sent =>
    json(
      {
        ChangeEventHeader: {
          entityName: 'Contact',
          recordIds: [`003${id}`],
          changeType: 'UPDATE',
          transactionKey: randomUUID(),
          sequenceNumber: 1,
          commitTimestamp: minute(0),
          ...header,
        },
        DirectScale_Customer_Id__c: id,
        ...fields,
      },
      { 'Content-Type': 'application/json' },
    );

export const dynamics =
  (changed: Readonly<Record<string, unknown>>) =>
  (id: string): Sent => {
    const target = { LogicalName: 'contact', Attributes: attributes(changed) };
    const image = { LogicalName: 'contact', Attributes: attributes({ new_directscalecustomerid: id }) };
    return json({
      MessageName: 'Update',
      PrimaryEntityName: 'contact',
      PrimaryEntityId: randomUUID(),
      OperationId: randomUUID(),
      OperationCreatedOn: `/Date(${minute(0)})/`,
      InputParameters: [{ key: 'Target', value: target }],
      PostEntityImages: [{ key: 'AfterUpdate', value: image }],
    });
  };
const attributes = (values: object) => Object.entries(values).map(([key, value]) => ({ key, value }));

export const zoho =
  (record: object) =>
  (id: string): Sent =>
    wires.zoho?.send({ customerId: id, record: { Modified_Time: '2026-11-20T21:03:22Z', ...record } }, id) ??
    json({});

export const pipedrive =
  (person: object) =>
  (id: string): Sent =>
    wires.pipedrive?.send(
      { customerId: id, occurredAt: '2026-11-20T21:03:22Z', person, snapshot: true },
      id,
    ) ?? json({});

export const canonical =
  (fields: object) =>
  (customerId: string): Sent =>
    json({ customer: { customerId }, occurredAt: new Date(minute(0)).toISOString(), fields });

export const binaryEvent =
  (data: (id: string) => unknown, headers: Readonly<Record<string, string>>) =>
  (id: string): Sent => ({
    body: JSON.stringify(data(id)),
    headers: {
      'ce-specversion': '1.0',
      'ce-type': 'com.example.customer.updated',
      'ce-source': '/crm',
      'ce-id': randomUUID(),
      'Content-Type': 'application/json',
      ...headers,
    },
  });
