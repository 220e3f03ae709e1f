import * as z from 'zod';
import { customerIdSchema } from './customer-id.ts';
import { customerPatchSchema } from './customer-patch.ts';

/** How a change names its customer: the DirectScale id. */
export const customerReferenceSchema = z.strictObject({ customerId: customerIdSchema });

export type CustomerReference = z.infer<typeof customerReferenceSchema>;

/** What one delivery says about one customer: who, when, which fields. */
export const changeSchema = z.strictObject({
  customer: customerReferenceSchema,
  /** When the customer changed, in the source's own time: ISO 8601, UTC, milliseconds. */
  occurredAt: z.iso.datetime(),
  /** The fields, by path, that changed at another time than `occurredAt`: the change was made of several. */
  occurredAtOf: z.record(z.string(), z.iso.datetime()).exactOptional(),
  fields: customerPatchSchema,
});

export type Change = z.infer<typeof changeSchema>;
