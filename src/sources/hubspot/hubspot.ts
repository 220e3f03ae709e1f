import type { SourceKind } from '../kind.ts';
import { getRecord } from '../shared/get-record.ts';
import { parseJson } from '../shared/json-body.ts';
import { changesSince } from './changes-since.ts';
import {
  type ContactChange,
  type ContactChanges,
  customerIdOf,
  isSnapshot,
  propertiesOf,
  recordSchema,
  snapshotOf,
} from './contact.ts';
import { contactSchema, readEvents } from './events.ts';
import { type Options, optionsSchema, propertiesRead } from './options.ts';
import { verifyV2, verifyV3 } from './signatures.ts';
import { subscription } from './subscription.ts';
import { readWorkflow } from './workflow.ts';

/**
 * HubSpot: the webhooks of an app (batches of single-property events, which name the contact but not the customer:
 * the contact is read when they are applied), and the webhook action of a workflow, which sends the contact itself.
 */
export const hubspot: SourceKind<Options> = {
  name: 'hubspot',
  options: optionsSchema,
  mapping: 'mappings/hubspot.jsonata',
  trusted: false,
  signsAddress: true,
  isSnapshot,

  verify(request, { options, keys, now }) {
    return options.signature === 'v2' ? verifyV2(request, keys) : verifyV3(request, keys, now);
  },

  read({ body }, options) {
    const payload = parseJson(body);
    return Array.isArray(payload)
      ? readEvents(payload, options.portalId)
      : readWorkflow(payload, body, options);
  },

  async fetch(said, { options, secret, timeoutMs }) {
    const { contact, createdAt, changes } = contactSchema.parse(said);
    const unsaid = changes.flatMap(({ name, value }) => (value === undefined ? [name] : []));
    const url = new URL(`crm/v3/objects/contacts/${contact}`, options.baseUrl);
    const names = new Set([...propertiesRead(options), ...unsaid]);
    url.searchParams.set('properties', [...names].join());
    const token = await secret(options.tokenSecret);
    const fetched = await getRecord({ url, headers: { Authorization: `Bearer ${token}` }, timeoutMs });
    if (fetched.type !== 'found') return fetched;

    const record = recordSchema.safeParse(fetched.payload);
    // The answer is not from HubSpot.
    if (!record.success) return { type: 'unavailable' };
    // What was changed on a contact that is gone must not be written to the customer of another one.
    if (record.data.id !== contact) return { type: 'for-a-person', reason: `contact ${contact} was merged` };

    const properties = propertiesOf(record.data);
    const unknown = unsaid.filter((name) => properties[name] === undefined);
    if (unknown.length > 0) {
      return { type: 'for-a-person', reason: `${unknown.join(', ')} changed, but the token cannot read it` };
    }
    const customerId = customerIdOf(properties, options);
    // A new contact is not a customer until it has the DirectScale id.
    const held = createdAt === undefined || !customerId ? [] : snapshotOf(properties, () => createdAt);
    const changed = changes.map(
      ({ name, value, ...rest }): ContactChange => ({
        name,
        value: value ?? properties[name] ?? '',
        ...rest,
      }),
    );
    const payload: ContactChanges = {
      contact,
      ...(customerId && { customerId }),
      properties,
      changes: [...held, ...changed],
    };
    return { type: 'found', payload };
  },
  changesSince,
  subscription,
};
