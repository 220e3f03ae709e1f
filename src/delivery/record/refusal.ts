import * as z from 'zod';

const mark = {
  /** Keyed hash of the value, or of all properties of an address that the change gives. */
  hash: z.string(),
  /** When the last call ended that DirectScale refused because of it, or may have, in ms since 1970. */
  at: z.number(),
};

/** How far it is known that DirectScale refuses a value. Holds no value. */
export const refusalSchema = z.discriminatedUnion('is', [
  /** DirectScale answered 500 to it so many times, while changes to other customers passed. */
  z.object({ ...mark, is: z.literal('failing'), times: z.int() }),
  /**
   * It is one of `among` fields that DirectScale refused together: at least one of them is at fault. `isCertain`: it said
   * so (400, 422), and did not merely fail. `reason`: with DirectScale's words.
   */
  z.object({
    ...mark,
    is: z.literal('suspected'),
    among: z.int(),
    isCertain: z.boolean(),
    reason: z.string(),
  }),
  /** It is left out, until it has another value. `reason`: with DirectScale's words. */
  z.object({ ...mark, is: z.literal('refused'), reason: z.string() }),
]);
export type Refusal = z.infer<typeof refusalSchema>;
