import * as z from 'zod';

/**
 * The internal DirectScale id ("Associate ID"), not the Back Office ID that people call "customer ID".
 * Held as text, so that no digit is lost.
 */
export const customerIdSchema = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, { error: 'must be a DirectScale customer id: a positive whole number' });

export type CustomerId = z.infer<typeof customerIdSchema>;
