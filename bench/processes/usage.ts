import * as z from 'zod';

/** What a process uses, as `tell-usage.ts` tells it. */
export const usageSchema = z.object({
  /** User and system time of all threads since the start, in milliseconds. */
  cpuMs: z.number(),
  /** Resident memory, in bytes; the JavaScript heap in use; what objects hold outside of it. */
  rss: z.number(),
  heap: z.number(),
  external: z.number(),
});
export type Usage = z.infer<typeof usageSchema>;
