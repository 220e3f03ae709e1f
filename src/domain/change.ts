import * as z from 'zod';
import { changedFieldsSchema } from './changed-fields.ts';
import { customerReferenceSchema, lookUpSchema, recordIdSchema } from './customer-reference.ts';

/** What one delivery says about one customer: who, when, which fields. */
export const changeSchema = z.strictObject({
  customer: customerReferenceSchema,
  /** The record's id in the system that it comes from; absent: the source does not tell. */
  recordId: recordIdSchema.exactOptional(),
  /**
   * When the customer changed, in the source's own time: ISO 8601, UTC, milliseconds. Absent: nothing that the sender signed
   * says it; the change is ordered by its receipt, and comes before all that have a time.
   */
  occurredAt: z.iso.datetime().exactOptional(),
  /** The fields, by path, that changed at another time than `occurredAt`: the change was made of several. */
  occurredAtOf: z.record(z.string(), z.iso.datetime()).exactOptional(),
  /** What the change itself makes of values that customers are looked up by: nobody is looked up by these. */
  setsReferences: z.array(lookUpSchema).exactOptional(),
  fields: changedFieldsSchema,
});

export type Change = z.infer<typeof changeSchema>;

/** A change whose customer is known. */
export type AddressedChange = Change & { readonly customer: { readonly customerId: string } };

/** Whether a change names its customer by id. */
export function isAddressed(change: Change): change is AddressedChange {
  return 'customerId' in change.customer;
}
