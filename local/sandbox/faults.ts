import * as z from 'zod';
import type { Answer } from './answer.ts';

/** A fault on demand. Without `status` and `reset` the real answer is given, after the delay. */
export const faultSchema = z
  .strictObject({
    /** Which calls it hits; absent: all of `/v1`. */
    match: z.strictObject({ method: z.string().optional(), customerId: z.string().optional() }).optional(),
    /** How many calls it hits; absent: until cleared. */
    times: z.int().positive().optional(),
    /** The share of matching calls that it hits; absent: 1. */
    probability: z.number().min(0).max(1).optional(),
    /** Answer this instead; the answer has only the headers given here. */
    status: z.int().min(200).max(599).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    /** Text goes out as it is, anything else as JSON. */
    body: z.unknown().optional(),
    /** Waits so long before the call takes effect and is answered, whether or not the client waits too. */
    delayMs: z.int().nonnegative().optional(),
    /** Breaks the connection instead of answering. */
    reset: z.literal(true).optional(),
    /** Carries the call out in spite of `status` or `reset`: an answer that was lost. */
    applyAnyway: z.boolean().optional(),
  })
  .refine(
    (fault) => fault.status !== undefined || (fault.headers === undefined && fault.body === undefined),
    {
      error: 'headers and body need a status',
    },
  );

export type FaultSpec = z.input<typeof faultSchema>;

/** The faults that are set, oldest first. */
export class Faults {
  #set: { fault: FaultSpec; left: number }[] = [];

  /** Throws a ZodError for a fault that makes no sense. */
  add(spec: FaultSpec): void {
    const fault = faultSchema.parse(spec);
    this.#set.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#set = [];
  }

  /** The fault that hits this call, if any: the oldest that matches, has a hit left and wins its throw. */
  take(method: string, customerId: string | undefined): FaultSpec | undefined {
    const hit = this.#set.find(
      ({ fault: { match, probability = 1 }, left }) =>
        left > 0 &&
        (match?.method === undefined || match.method.toUpperCase() === method) &&
        (match?.customerId === undefined || match.customerId === customerId) &&
        Math.random() < probability,
    );
    if (hit) hit.left -= 1;
    return hit?.fault;
  }
}

/** What a fault answers in place of the real answer; undefined: it doesn't replace it. */
export function faultAnswer({ status, headers = {}, body = '' }: FaultSpec): Answer | undefined {
  if (status === undefined) return undefined;
  if (typeof body === 'string') return { status, headers, body };
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
