import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { SourceEntry } from '../../../src/config/configuration.ts';
import { sampleOptions } from '../../fixtures/pipedrive/sender.ts';
import { type Sample, samples } from '../../mapping/samples.ts';
import { canonical, own } from './own-samples.ts';

/** A payload of a mapping in the form in which its vendor sends it. */
export interface Sent {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers that a proxy takes away. */
  readonly withoutHeaders?: readonly string[];
  /** What the vendor's own API answers, by the path that is asked for: of vendors whose events only name a record. */
  readonly records?: Readonly<Record<string, object>>;
}

/** How what a mapping gets travels from its vendor to the relay. */
export interface Wire {
  readonly entry: Pick<SourceEntry, 'kind'> & Partial<Pick<SourceEntry, 'mapping' | 'options'>>;
  readonly sample: Sample;
  /** `id`: the customer's in DirectScale; the vendor's record gets the same. */
  send(payload: object, id: string): Sent;
}

const members = z.record(z.string(), z.unknown());
const get = (value: unknown, ...names: string[]): unknown =>
  names.reduce((inner, name) => members.safeParse(inner).data?.[name], value);
const objectIn = (value: unknown, ...names: string[]) => members.parse(get(value, ...names) ?? {});
const json = (body: unknown): Sent => ({ body: JSON.stringify(body) });
const now = () => new Date().toISOString();

function sampleOf(name: string): Sample {
  const sample = samples[name];
  if (!sample) throw new Error(`no sample of ${name}`);
  return sample;
}

/** What the vendor sends is what the mapping gets. */
const asItIs = (kind: string, name = kind, entry: Partial<Wire['entry']> = {}): Wire => ({
  entry: { kind, ...entry },
  sample: sampleOf(name),
  send: json,
});

const generic = (name: string): Wire =>
  asItIs('generic', name, {
    mapping: `mappings/${name}.jsonata`,
    options: { authentication: { by: 'header', header: 'x-relay-key' }, deliveryId: 'none' },
  });

const ofMyOwn = (kind: string, send: (payload: object) => Sent, options = {}): Wire => ({
  entry: { kind, mapping: 'test/integration/real-data/own.jsonata', options },
  sample: own,
  send,
});

const cloudEvent = (payload: object) => ({
  specversion: '1.0',
  type: 'com.example.customer.updated',
  source: '/crm',
  id: randomUUID(),
  time: get(payload, 'timestamp'),
  data: get(payload, 'data'),
});

const adobeEvent = (payload: object) => ({
  ...cloudEvent(payload),
  type: 'com.adobe.commerce.observer.customer_save_commit_after',
  recipient_client_id: 'ca7b36f23be94dcb9d2ebb97f0276e3f',
  data: { value: get(payload, 'customer') },
});

/** `data[merges][FNAME]=Maria`. */
function formOf(value: unknown, name: string): [string, string][] {
  const inner = members.safeParse(value).data;
  if (!inner) return [[name, String(value)]];
  return Object.entries(inner).flatMap(([key, one]) => formOf(one, name === '' ? key : `${name}[${key}]`));
}

function mailchimpForm(payload: object): Sent {
  const firedAt = String(get(payload, 'occurredAt')).slice(0, 19).replace('T', ' ');
  const data = objectIn(payload, 'data');
  const merges = { ...objectIn(data, 'merges'), DSID: get(payload, 'customerId') };
  const form = formOf({ type: get(payload, 'type'), fired_at: firedAt, data: { ...data, merges } }, '');
  return { body: new URLSearchParams(form).toString() };
}

function segmentCall(payload: object, id: string): Sent {
  const { customerId, ...call } = members.parse(payload);
  const traits = { ...objectIn(payload, 'traits'), directscale_customer_id: customerId };
  return json({ ...call, type: 'identify', userId: `user-${id}`, messageId: randomUUID(), traits });
}

function stripeEvent(payload: object): Sent {
  const object = { ...objectIn(payload, 'data', 'object'), object: 'customer' };
  const data = { ...objectIn(payload, 'data'), object };
  return json({ id: `evt_${randomUUID()}`, object: 'event', livemode: true, ...payload, data });
}

function bigcommerceEvent(payload: object, id: string): Sent {
  const customer = {
    ...objectIn(payload, 'customer'),
    id: Number(id),
    addresses: [objectIn(payload, 'address')],
    attributes: [{ attribute_id: 4, attribute_value: get(payload, 'customerId') }],
    attribute_count: 1,
  };
  const event = {
    scope: get(payload, 'scope'),
    created_at: get(payload, 'created_at'),
    producer: 'stores/abc123xyz',
    data: { id: Number(id) },
  };
  return {
    ...json(event),
    records: { [`/stores/abc123xyz/v3/customers?id:in=${id}`]: { data: [customer] } },
  };
}

function hubspotEvents(payload: object, id: string): Sent {
  const changes = z.array(members).parse(get(payload, 'changes'));
  const events = changes.map(({ name, value, occurredAt }) => ({
    eventId: 1,
    subscriptionType: 'contact.propertyChange',
    objectId: Number(id),
    portalId: 33,
    occurredAt,
    propertyName: name,
    propertyValue: value,
  }));
  const changed = Object.fromEntries(changes.map(({ name, value }) => [name, value]));
  const directscale_customer_id = get(payload, 'customerId');
  const properties = { ...changed, ...objectIn(payload, 'properties'), directscale_customer_id };
  return { ...json(events), records: { [`/crm/v3/objects/contacts/${id}`]: { id, properties } } };
}

const names = (payload: object): string[] => z.array(z.string()).catch([]).parse(get(payload, 'changed'));
const isSnapshot = (payload: object): boolean => get(payload, 'snapshot') === true;

function salesforceEvent(payload: object, id: string): Sent {
  const fields = Object.entries(objectIn(payload, 'fields'));
  const inAddress = fields.filter(([name]) => name.startsWith('Mailing'));
  return json({
    schema: 'IeRuaY6cbI_HsV8Rv1Mc5g',
    payload: {
      ChangeEventHeader: {
        entityName: get(payload, 'object'),
        recordIds: [`003${id}`],
        changeType: isSnapshot(payload) ? 'CREATE' : 'UPDATE',
        changedFields: isSnapshot(payload) ? [] : names(payload),
        transactionKey: randomUUID(),
        sequenceNumber: 1,
        commitTimestamp: Date.parse(String(get(payload, 'occurredAt'))),
      },
      ...Object.fromEntries(fields.filter((field) => !inAddress.includes(field))),
      MailingAddress: Object.fromEntries(
        inAddress.map(([name, value]) => [name.replace('Mailing', ''), value]),
      ),
      DirectScale_Customer_Id__c: get(payload, 'customerId'),
    },
  });
}

function dynamicsContext(payload: object): Sent {
  const recordId = randomUUID();
  const attributes = (values: object) => ({
    LogicalName: get(payload, 'object'),
    Attributes: Object.entries(values).map(([key, value]) => ({ key, value: value ?? null })),
  });
  const changed = Object.entries(objectIn(payload, 'fields')).filter(([name]) =>
    names(payload).includes(name),
  );
  const record = { ...objectIn(payload, 'fields'), new_directscalecustomerid: get(payload, 'customerId') };
  const occurredAt = `/Date(${Date.parse(String(get(payload, 'occurredAt')))})/`;
  const target = isSnapshot(payload) ? record : Object.fromEntries(changed);
  return json({
    MessageName: isSnapshot(payload) ? 'Create' : 'Update',
    PrimaryEntityName: get(payload, 'object'),
    PrimaryEntityId: recordId,
    OperationId: randomUUID(),
    InputParameters: [{ key: 'Target', value: attributes({ ...target, modifiedon: occurredAt }) }],
    PostEntityImages: [{ key: 'AfterUpdate', value: attributes(record) }],
  });
}

/** The sample's custom fields, and those that it has no key for. */
const pipedriveFields: Readonly<Record<string, string>> = {
  ...sampleOptions.fields,
  directscale_language: 'd4'.repeat(20),
  directscale_tax_id: 'f6'.repeat(20),
};

function pipedriveEvent(payload: object, id: string): Sent {
  const person = Object.entries(objectIn(payload, 'person'));
  const isCustom = (name: string) => Object.hasOwn(pipedriveFields, name);
  const custom = person
    .filter(([name]) => isCustom(name))
    .map(([name, value]) => [pipedriveFields[name], value]);
  return json({
    data: {
      ...Object.fromEntries(person.filter(([name]) => !isCustom(name))),
      id: Number(id),
      update_time: get(payload, 'occurredAt'),
      custom_fields: {
        ...Object.fromEntries(custom),
        [sampleOptions.idField]: { value: get(payload, 'customerId') },
      },
    },
    previous: isSnapshot(payload) ? null : get(payload, 'previous'),
    meta: {
      action: isSnapshot(payload) ? 'create' : 'change',
      entity: 'person',
      entity_id: id,
      id: randomUUID(),
      version: '2.0',
    },
  });
}

function zohoNotification(payload: object, id: string): Sent {
  const record = { ...objectIn(payload, 'record'), id, DirectScale_Customer_Id: get(payload, 'customerId') };
  const notification = {
    server_time: Date.now(),
    module: 'Contacts',
    operation: 'update',
    ids: [id],
    affected_fields: names(payload).length > 0 ? [{ [id]: names(payload) }] : [],
    channel_id: randomUUID(),
    token: 'TOKEN_FOR_VERIFICATION_OF_1000000068001',
  };
  return {
    ...json(notification),
    records: {
      '/oauth/v2/token': { access_token: '1000.made.up', expires_in: 3600 },
      [`/crm/v8/Contacts/${id}`]: { data: [record] },
    },
  };
}

/** By the name of the source: each kind that sends fields of customers, the generic one with both of its ready mappings. */
export const wires: Readonly<Record<string, Wire>> = {
  'adobe-commerce': {
    entry: { kind: 'adobe-commerce' },
    sample: sampleOf('adobe-commerce'),
    send: (payload) => json(adobeEvent(payload)),
  },
  bigcommerce: { entry: { kind: 'bigcommerce' }, sample: sampleOf('bigcommerce'), send: bigcommerceEvent },
  canonical: { entry: { kind: 'canonical' }, sample: canonical, send: json },
  cloudevents: ofMyOwn('cloudevents', (payload) => json(cloudEvent(payload))),
  dynamics: { entry: { kind: 'dynamics' }, sample: sampleOf('dynamics'), send: dynamicsContext },
  'event-grid': ofMyOwn('event-grid', (payload) =>
    json([
      {
        id: randomUUID(),
        topic: 't',
        eventType: 'Contoso.Customers.CustomerUpdated',
        eventTime: now(),
        data: get(payload, 'data'),
      },
    ]),
  ),
  hubspot: {
    entry: { kind: 'hubspot', options: { signature: 'v3' } },
    sample: sampleOf('hubspot'),
    send: hubspotEvents,
  },
  'klaviyo-flow': generic('klaviyo-flow'),
  mailchimp: { entry: { kind: 'mailchimp' }, sample: sampleOf('mailchimp'), send: mailchimpForm },
  pipedrive: {
    entry: { kind: 'pipedrive', options: { idField: sampleOptions.idField, fields: pipedriveFields } },
    sample: sampleOf('pipedrive'),
    send: pipedriveEvent,
  },
  salesforce: {
    entry: { kind: 'salesforce', options: {} },
    sample: sampleOf('salesforce'),
    send: (payload, id) => ({
      ...salesforceEvent(payload, id),
      headers: { 'Content-Type': 'application/json' },
    }),
  },
  segment: { entry: { kind: 'segment' }, sample: sampleOf('segment'), send: segmentCall },
  'segment-user-id': {
    entry: { kind: 'segment', options: { customerId: 'userId' } },
    sample: sampleOf('segment'),
    send: (payload, id) => json({ ...payload, type: 'identify', userId: id, messageId: randomUUID() }),
  },
  shopify: asItIs('shopify'),
  'standard-webhooks': ofMyOwn('standard-webhooks', (payload) =>
    json({ type: 'contact.updated', ...payload }),
  ),
  stripe: { entry: { kind: 'stripe' }, sample: sampleOf('stripe'), send: stripeEvent },
  woocommerce: asItIs('woocommerce'),
  zoho: { entry: { kind: 'zoho' }, sample: sampleOf('zoho'), send: zohoNotification },
  'zoho-workflow': generic('zoho-workflow'),
};
