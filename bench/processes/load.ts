import * as z from 'zod';

/** What a load generator is asked to do: the next piece of work begins when the one before it is answered. */
export const loadSchema = z.object({
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('webhook'), url: z.url(), expectedStatus: z.int() }),
    z.object({ kind: z.literal('message'), connectionString: z.string() }),
  ]),
  senders: z.int().positive(),
  until: z.union([
    z.object({ count: z.int().positive() }),
    z.object({ seconds: z.number().positive(), count: z.undefined().optional() }),
  ]),
});
export type Load = z.infer<typeof loadSchema>;

export const loadResultSchema = z.object({
  /** Of each piece of work, in milliseconds. */
  times: z.array(z.number()),
  seconds: z.number(),
  /** User and system time that the load generator itself used, in milliseconds. */
  cpuMs: z.number(),
});
export type LoadResult = z.infer<typeof loadResultSchema>;
