import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import type { SourceKind } from '../kind.ts';
import { getRecord } from '../shared/get-record.ts';
import { parseJson } from '../shared/json-body.ts';
import { type ContactChange, type ContactChanges, isSnapshot, snapshotOf } from './contact.ts';
import { contactSchema, readEvents } from './events.ts';
import { verifyV2, verifyV3 } from './signatures.ts';
import { readWorkflow } from './workflow.ts';

const propertyName = z.string().regex(/^\w{1,200}$/, { error: 'must be the internal name of a property' });

const optionsSchema = z.strictObject({
  signature: z
    .enum(['v3', 'v2'])
    .default('v3')
    .describe('How HubSpot signs: v3 for the webhooks of an app, v2 for the webhook action of a workflow.'),
  idProperty: propertyName
    .default('directscale_customer_id')
    .describe('The property of the contact that holds the DirectScale id.'),
  properties: z
    .array(propertyName)
    .default([])
    .describe('Further properties to read for a mapping of your own.'),
  tokenSecret: z
    .string()
    .min(1)
    .default('hubspot-access-token')
    .describe("The name of the secret that holds the app's access token."),
  baseUrl: apiAddress.default('https://api.hubapi.com').describe("The address of HubSpot's API."),
  portalId: z
    .int()
    .positive()
    .optional()
    .describe(
      'The id of the HubSpot account whose events are taken. Needed when the app is installed in several.',
    ),
});
type Options = z.infer<typeof optionsSchema>;

/** Those that the shipped mapping knows. */
const standardProperties = [
  'firstname',
  'lastname',
  'email',
  'phone',
  'mobilephone',
  'company',
  'address',
  'city',
  'state',
  'zip',
  'country',
  'date_of_birth',
  'hs_language',
];

const recordSchema = z.looseObject({
  id: z.string(),
  properties: z.record(z.string(), z.string().nullable()),
});

/**
 * HubSpot: the webhooks of an app (batches of single-property events, which name the contact but not the customer:
 * the contact is read when they are applied), and the webhook action of a workflow, which sends the contact itself.
 */
export const hubspot: SourceKind<Options> = {
  name: 'hubspot',
  options: optionsSchema,
  mapping: 'mappings/hubspot.jsonata',
  trusted: false,
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
    const names = new Set([options.idProperty, ...standardProperties, ...options.properties, ...unsaid]);
    url.searchParams.set('properties', [...names].join());
    const token = await secret(options.tokenSecret);
    const fetched = await getRecord({ url, headers: { Authorization: `Bearer ${token}` }, timeoutMs });
    if (fetched.type !== 'found') return fetched;

    const record = recordSchema.safeParse(fetched.payload);
    // The answer is not from HubSpot.
    if (!record.success) return { type: 'unavailable' };
    // What was changed on a contact that is gone must not be written to the customer of another one.
    if (record.data.id !== contact) return { type: 'for-a-person', reason: `contact ${contact} was merged` };

    const properties = Object.fromEntries(
      Object.entries(record.data.properties).map(([name, value]) => [name, value ?? '']),
    );
    const unknown = unsaid.filter((name) => properties[name] === undefined);
    if (unknown.length > 0) {
      return { type: 'for-a-person', reason: `${unknown.join(', ')} changed, but the token cannot read it` };
    }
    const customerId = properties[options.idProperty]?.trim();
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
};
