import * as z from 'zod';

/** A contact and what changed of it: the payload that mappings of HubSpot sources get. */
export interface ContactChanges {
  readonly contact: string;
  /** The value of the property that holds the DirectScale id. */
  readonly customerId?: string;
  /** The contact's values as far as they were read. */
  readonly properties: Readonly<Record<string, string>>;
  readonly changes: readonly ContactChange[];
}

export interface ContactChange {
  readonly name: string;
  readonly value: string;
  /** Epoch ms. */
  readonly occurredAt: number;
  /** Who changed it, as HubSpot names users and integrations: `userId:84916424`. */
  readonly changedBy?: string;
  /** True: the value is merely what the contact holds; HubSpot did not say that it changed. */
  readonly snapshot?: true;
}

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
