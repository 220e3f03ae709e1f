import * as z from 'zod';

/** A field of a change that cannot be used: where (`PrimaryPhone`, `PrimaryAddress.Region`) and why. Never holds the value. */
export const leftOutSchema = z.strictObject({ path: z.string(), reason: z.string() });

export type LeftOut = z.infer<typeof leftOutSchema>;
