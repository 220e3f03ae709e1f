import { hash } from 'node:crypto';
import * as z from 'zod';
import { type Delivery, MalformedDelivery } from '../kind.ts';
import { type ContactChanges, snapshotOf } from './contact.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value));

/** A contact in the form of the contacts API v1. */
const wholeContactSchema = z.looseObject({
  vid: scalar,
  'portal-id': scalar.optional(),
  properties: z.record(
    z.string(),
    z.looseObject({
      value: scalar.nullish(),
      versions: z.array(z.looseObject({ timestamp: z.number().optional() })).optional(),
    }),
  ),
});

interface Contact {
  readonly id: string;
  readonly portalId?: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
  /** When single properties changed, epoch ms. */
  readonly times: Readonly<Record<string, number>>;
}

const noTime =
  'the workflow does not send the property lastmodifieddate, without which a repeat cannot be told from a change';

/**
 * What the webhook action of a workflow sends: the whole contact, or chosen properties as flat JSON. It does not say
 * what changed. Throws {@link MalformedDelivery}.
 * https://knowledge.hubspot.com/workflows/how-do-i-use-webhooks-with-hubspot-workflows
 */
export function readWorkflow(
  payload: unknown,
  body: Uint8Array,
  { idProperty, portalId }: { readonly idProperty: string; readonly portalId?: number | undefined },
): Delivery {
  const { id: contact, portalId: from, properties, times } = contactOf(payload);
  const bodyHash = hash('sha256', body);
  const modifiedAt = timeOf(properties.lastmodifieddate) ?? newest(Object.values(times));
  // There is no delivery id. With the time of the modification, a value that comes back is not taken for a repeat.
  const delivery = { id: `workflow:${contact}:${modifiedAt ?? ''}:${bodyHash}`, topic: 'workflow' };

  if (portalId !== undefined && from !== undefined && from !== String(portalId)) {
    return { ...delivery, content: { type: 'ignored', reason: 'a contact of another HubSpot account' } };
  }
  if (modifiedAt === undefined) return { ...delivery, content: { type: 'for-a-person', reason: noTime } };
  const customerId = properties[idProperty]?.trim();
  const changes: ContactChanges = {
    contact,
    ...(customerId && { customerId }),
    properties,
    changes: snapshotOf(properties, (name) => times[name] ?? modifiedAt),
  };
  return { ...delivery, content: { type: 'changes', payload: changes } };
}

function contactOf(payload: unknown): Contact {
  const whole = wholeContactSchema.safeParse(payload);
  if (whole.success) {
    const { vid, 'portal-id': portalId, properties } = whole.data;
    const entries = Object.entries(properties);
    return {
      id: vid,
      portalId,
      properties: Object.fromEntries(entries.map(([name, { value }]) => [name, value ?? ''])),
      times: Object.fromEntries(
        entries.flatMap(([name, { versions = [] }]) => {
          const time = newest(versions.flatMap(({ timestamp }) => timestamp ?? []));
          return time === undefined ? [] : [[name, time]];
        }),
      ),
    };
  }
  const flat = z.record(z.string(), z.unknown()).safeParse(payload);
  if (!flat.success)
    throw new MalformedDelivery('The body must be a contact, or an array of webhook events.');
  const properties = Object.fromEntries(
    Object.entries(flat.data).flatMap(([name, value]): [string, string][] => {
      const text = scalar.safeParse(value);
      return text.success ? [[name, text.data]] : [];
    }),
  );
  return { id: properties.hs_object_id ?? properties.vid ?? '', properties, times: {} };
}

/** Epoch ms from digits or ISO 8601. */
function timeOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const time = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function newest(times: readonly number[]): number | undefined {
  return times.length > 0 ? Math.max(...times) : undefined;
}
