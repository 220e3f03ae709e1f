import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { sourceNameSchema } from '../../src/config/source.ts';
import { changesOfIssue, listIssues } from '../../src/delivery/operate/issues.ts';
import { replayAll } from '../../src/delivery/operate/replay-all.ts';
import { issueIdPattern } from '../../src/delivery/record/cause.ts';
import { dryRunSchema } from '../../src/http/change-filter.ts';
import { isContinuationToken } from '../../src/http/continuation-token.ts';
import { noteAct } from '../../src/http/operator.ts';
import { json } from '../../src/http/problem.ts';
import { validated } from '../../src/http/validated.ts';
import { getRelay } from '../../src/relay.ts';

const listSchema = z.strictObject({
  status: z.enum(['open', 'muted']).optional(),
  source: sourceNameSchema.optional(),
  code: z.string().optional(),
});

export async function showIssues(request: HttpRequest): Promise<HttpResponseInit> {
  const { status, source } = validated(listSchema, Object.fromEntries(request.query));
  const tables = await (await getRelay()).tables();
  const isMuted = status && status === 'muted';
  return json(200, await listIssues({ source, isMuted }, tables));
}

export async function muteIssue(request: HttpRequest): Promise<HttpResponseInit> {
  const id = issueIdOf(request);
  const { mutedIssues, acts } = await (await getRelay()).tables();
  await mutedIssues.add(id);
  await noteAct(request, 'mute', `issue ${id}`, acts);
  return { status: 204 };
}

export async function unmuteIssue(request: HttpRequest): Promise<HttpResponseInit> {
  const id = issueIdOf(request);
  const { mutedIssues, acts } = await (await getRelay()).tables();
  await mutedIssues.remove(id);
  await noteAct(request, 'unmute', `issue ${id}`, acts);
  return { status: 204 };
}

const replaySchema = z.strictObject({
  dryRun: dryRunSchema,
  from: z.string().refine(isContinuationToken, { error: 'must be the next of the answer before' }).optional(),
  code: z.string().optional(),
});

export async function replayIssue(request: HttpRequest): Promise<HttpResponseInit> {
  const id = issueIdOf(request);
  const { dryRun: isDryRun, from } = validated(replaySchema, Object.fromEntries(request.query));
  const relay = await getRelay();
  const { stores } = await relay.delivery();
  const { filter, isOfIssue } = changesOfIssue(id);
  // Before it: what is done half is done.
  if (!isDryRun) await noteAct(request, 'replay', `issue ${id}`, stores.acts);
  const options = { from, isDryRun, isWanted: isOfIssue };
  const { replayed, ...rest } = await replayAll(filter, options, relay.sources, stores);
  return json(200, { deliveries: replayed, ...rest });
}

const idSchema = z.object({
  issueId: z.string().regex(issueIdPattern, { error: 'must be the id of an issue' }),
});

/** Throws a 422 problem for what is no id. */
function issueIdOf(request: HttpRequest): string {
  return validated(idSchema, request.params).issueId;
}
