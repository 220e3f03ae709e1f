import * as z from 'zod';
import { parseTraceparent } from './trace-context.ts';

/** A traceparent that another message or row carries. Apart from the reader: the start does without zod. */
export const traceparentSchema = z
  .string()
  .refine((text) => parseTraceparent(text) !== undefined, { error: 'must be a traceparent' });
