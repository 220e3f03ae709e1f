import * as z from 'zod';

/** What operators do that is noted. */
export const actNames = [
  'replay',
  'forget',
  'set-link',
  'remove-link',
  'pause',
  'resume',
  'mute',
  'unmute',
  'show-values',
] as const;

/** What an operator did, when, and with what. Names and ids, no values. */
export const actSchema = z.object({
  at: z.iso.datetime(),
  act: z.enum(actNames),
  /** `delivery 2026…`, `customer 10542`, `link salesforce 0035g…`, `issue parked-…`, `source shopify`, `all`. */
  subject: z.string(),
  /** The name that the caller gave, or that of the platform's sign-in. */
  by: z.string().exactOptional(),
  /** True: the platform has signed the caller in; nobody has proven other names. */
  signedIn: z.boolean(),
});
export type Act = z.infer<typeof actSchema>;
