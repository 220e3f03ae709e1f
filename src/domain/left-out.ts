import * as z from 'zod';

/** A field of a change that cannot be used: it is not written, the other fields are. */
export const leftOutSchema = z.object({
  /** By path: `PrimaryPhone`, `PrimaryAddress.Region`. */
  path: z.string(),
  /** Why, in words without the value. */
  reason: z.string(),
});
export type LeftOut = z.infer<typeof leftOutSchema>;
