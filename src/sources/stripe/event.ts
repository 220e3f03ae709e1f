import * as z from 'zod';

export const eventSchema = z.looseObject({
  id: z.string().min(1).max(255),
  object: z.literal('event'),
  type: z.string(),
  livemode: z.boolean(),
  /** The connected account that it is about; absent: the account itself. */
  account: z.string().nullish(),
  created: z.number(),
  data: z.looseObject({ object: z.looseObject({ object: z.string().optional() }) }),
});
