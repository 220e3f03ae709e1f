import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Answer } from './answer.ts';

/** A fault on demand. Without `status` and `reset` the real answer is given, after the delay. */
export const faultSchema = z
  .strictObject({
    /** Which calls it hits; absent: all of `/v1`. */
    match: z
      .strictObject({
        method: z.string().optional(),
        customerId: z.string().optional(),
        /** Only a PATCH that has this field: `PrimaryPhone`, `PrimaryAddress.Region`. */
        field: z.string().optional(),
        /** Only with this value of the field. */
        value: z.union([z.string(), z.number()]).optional(),
      })
      .refine(({ field, value }) => field !== undefined || value === undefined, {
        error: 'value needs a field',
      })
      .optional(),
    /** How many calls it hits; absent: until cleared. */
    times: z.int().positive().optional(),
    /** The share of matching calls that it hits; absent: 1. */
    probability: z.number().min(0).max(1).optional(),
    /**
     * Answer this instead; the answer has only the headers given here. With `match.field` it is the back end that
     * refuses the value: with a request id and, unless told otherwise, a message.
     */
    status: z.int().min(200).max(599).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    /** Text goes out as it is, anything else as JSON. */
    body: z.unknown().optional(),
    /** Waits so long before the call takes effect and is answered, whether or not the client waits too. */
    delayMs: z.int().nonnegative().optional(),
    /** Waits until it is released (`POST /_control/release`), then takes effect, whether or not the client waits too. */
    hold: z.literal(true).optional(),
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
  take(call: FaultedCall): FaultSpec | undefined {
    const hit = this.#set.find(
      ({ fault: { match, probability = 1 }, left }) =>
        left > 0 &&
        (match?.method === undefined || match.method.toUpperCase() === call.method) &&
        (match?.customerId === undefined || match.customerId === call.customerId) &&
        (match?.field === undefined || hasField(call.patch, match.field, match.value)) &&
        Math.random() < probability,
    );
    if (hit) hit.left -= 1;
    return hit?.fault;
  }
}

/** What a fault can be limited to. */
export interface FaultedCall {
  readonly method: string;
  readonly customerId: string | undefined;
  /** The body of a PATCH, parsed. */
  readonly patch: unknown;
}

function hasField(patch: unknown, path: string, value: string | number | undefined): boolean {
  let found = patch;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return false;
    found = Reflect.get(found, name);
  }
  return value === undefined || found === value;
}

/** What a fault answers in place of the real answer; undefined: it doesn't replace it. */
export function faultAnswer({ match, status, headers = {}, body = '' }: FaultSpec): Answer | undefined {
  if (status === undefined) return undefined;
  const own = match?.field === undefined ? {} : refusalHeaders(match.field);
  const all = { ...own, ...headers };
  if (typeof body === 'string') return { status, headers: all, body };
  return { status, headers: { 'Content-Type': 'application/json', ...all }, body: JSON.stringify(body) };
}

/** As every answer of the back end has them. */
function refusalHeaders(field: string): Record<string, string> {
  return { 'X-DirectScale-RequestId': randomUUID(), 'X-DirectScale-Message': `${field} is not valid.` };
}
