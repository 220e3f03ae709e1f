import * as z from 'zod';
import type { Options } from './options.ts';

/** A contact and what changed of it: the payload that mappings of HubSpot sources get. */
export type ContactChanges = {
  readonly contact: string;
  /** The value of the property that holds the DirectScale id. */
  readonly customerId?: string;
  /** The contact's values as far as they were read. */
  readonly properties: Readonly<Record<string, string>>;
  readonly changes: readonly ContactChange[];
};

export type ContactChange = {
  readonly name: string;
  readonly value: string;
  /** Epoch ms. */
  readonly occurredAt: number;
  /** Who changed it, as HubSpot names users and integrations: `userId:84916424`. */
  readonly changedBy?: string;
  /** True: the value is merely what the contact holds; HubSpot did not say that it changed. */
  readonly snapshot?: true;
};

const changesSchema = z.object({ changes: z.array(z.object({ snapshot: z.boolean().optional() })) });

/** Whether nobody said of any property that it changed. */
export function isSnapshot(payload: unknown): boolean {
  const { changes = [] } = changesSchema.safeParse(payload).data ?? {};
  return changes.every(({ snapshot }) => snapshot === true);
}

/** Values that the contact merely holds, without those that are empty: they may never have been set. */
export function snapshotOf(
  properties: Readonly<Record<string, string>>,
  timeOf: (name: string) => number,
): ContactChange[] {
  return Object.entries(properties)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ name, value, occurredAt: timeOf(name), snapshot: true }));
}

/** A contact as HubSpot's API gives it. */
export const recordSchema = z.looseObject({
  id: z.string().regex(/^\d{1,20}$/),
  properties: z.record(z.string(), z.string().nullable()),
});

/** What a contact holds; "" is what is empty. */
export function propertiesOf({ properties }: z.infer<typeof recordSchema>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value ?? '']));
}

/** The DirectScale id of a contact, if it has one. */
export function customerIdOf(
  properties: Readonly<Record<string, string>>,
  { idProperty }: Options,
): string | undefined {
  return properties[idProperty]?.trim() || undefined;
}
