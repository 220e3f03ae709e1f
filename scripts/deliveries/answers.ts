import type { ReplayedAll } from '../../src/delivery/operate/replay-all.ts';
import type { deliveryReport, listedChange } from '../../src/http/reports.ts';

/** The answers of the relay, as the relay itself types them. */
export type ListedChange = ReturnType<typeof listedChange>;
export type DeliveryReport = ReturnType<typeof deliveryReport> & { readonly body?: string };
/** A delivery that is in the queue and that nobody has read yet. */
export interface QueuedDelivery {
  readonly deliveryId: string;
  readonly status: 'pending';
}
export interface ChangePage {
  readonly changes: readonly ListedChange[];
  readonly next?: string;
}
export type { ReplayedAll };
