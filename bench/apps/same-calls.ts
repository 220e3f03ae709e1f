/**
 * What a change costs at least in the local host, however it is decided: the calls that the relay makes. It verifies, maps,
 * orders and records nothing.
 */
import * as z from 'zod';
import { makeSameCalls } from './make-same-calls.ts';

const bodySchema = z.object({
  first_name: z.string(),
  metafields: z.tuple([z.object({ value: z.string() })]),
});

makeSameCalls(async (body) => {
  const { first_name, metafields } = bodySchema.parse(JSON.parse(body));
  return { customerId: metafields[0].value, fields: { FirstName: first_name } };
});
