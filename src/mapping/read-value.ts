import type * as z from 'zod';
import type { LeftOut } from '../domain/left-out.ts';
import { unusableReason } from './unusable.ts';

/** What can be used of a value, and what was left out of it. */
export interface Read<Value> {
  readonly value: Value;
  readonly leftOut: readonly LeftOut[];
}

/** The value as a schema reads it, or why it cannot be used. */
export function readValue<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): { readonly value: z.output<Schema> } | { readonly reason: string } {
  const reason = typeof given === 'string' ? unusableReason(given) : undefined;
  if (reason !== undefined) return { reason };
  const parsed = schema.safeParse(given);
  if (parsed.success) return { value: parsed.data };
  return { reason: parsed.error.issues[0]?.message ?? 'is invalid' };
}

/** Whether a text holds nothing that can be seen, though it is not empty. */
export function isBlank(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value !== '' &&
    /^[\s\p{Cc}\p{Cf}\p{Zs}\p{Default_Ignorable_Code_Point}]*$/u.test(value)
  );
}
