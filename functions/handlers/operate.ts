import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { actNames } from '../../src/delivery/record/act.ts';
import { isContinuationToken } from '../../src/http/continuation-token.ts';
import { json } from '../../src/http/problem.ts';
import { validated } from '../../src/http/validated.ts';
import { getRelay } from '../../src/relay.ts';

const actsSchema = z.strictObject({
  act: z.enum(actNames).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  from: z.string().refine(isContinuationToken, { error: 'must be the next of the page before' }).optional(),
  code: z.string().optional(),
});

export async function listActs(request: HttpRequest): Promise<HttpResponseInit> {
  const { act, limit, from } = validated(actsSchema, Object.fromEntries(request.query));
  const { acts } = await (await getRelay()).tables();
  return json(200, await acts.list({ act }, limit, from));
}
