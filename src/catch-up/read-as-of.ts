import type { PageOfChanges, ReadCustomer } from '../sources/changes-since.ts';

export type Page = Extract<PageOfChanges, { type: 'page' }>;

/** A customer, with the time from which on whatever the relay received is newer. */
export interface DatedCustomer extends ReadCustomer {
  readonly readAt: Date;
}

/**
 * Customers as they are now are as new as the reading. An event is as old as its own time, or it would overwrite a newer one of the
 * same second that its webhook brought; events of one customer and one time are milliseconds apart, so that the later one wins.
 */
export function asOf({ customers, events }: Page, now: Date): DatedCustomer[] {
  if (!events) return customers.map((customer) => ({ ...customer, readAt: now }));
  const before = new Map<string, number>();
  const dated = inOrder(customers, events).map((customer) => {
    const { recordId, changedAt } = customer;
    if (changedAt === undefined) return { ...customer, readAt: now };
    const moment = `${changedAt} ${recordId}`;
    const rank = before.get(moment) ?? 0;
    before.set(moment, rank + 1);
    return { ...customer, readAt: new Date(Math.min(now.getTime(), Date.parse(changedAt) + rank)) };
  });
  return [...inOrder(dated, events)];
}

/** The oldest first, or back again. */
const inOrder = <Entry>(entries: readonly Entry[], events: NonNullable<Page['events']>): readonly Entry[] =>
  events === 'oldest-first' ? entries : entries.toReversed();
