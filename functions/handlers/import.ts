import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { visitAll } from '../../src/catch-up/visit-all.ts';
import { readBody } from '../../src/http/body.ts';
import { logRecorded } from '../../src/http/log-recorded.ts';
import { json } from '../../src/http/problem.ts';
import { importReport } from '../../src/http/read-reports.ts';
import { importOptionsOf, payloadsOf } from '../../src/http/read-requests.ts';
import { getRelay, getSource, usableMapping } from '../../src/relay.ts';

/** Well below the time after which Azure gives up an HTTP call (230 s); an attempt that has begun may take 20 s more. */
const longestMs = 60_000;

/** Each payload is written, or recorded with what it waits for, before this answers. */
export async function importPayloads(
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const source = getSource(relay, request.params.source);
  const begun = new Date();
  const { readAt, mode, repair } = importOptionsOf(request, begun);
  const payloads = payloadsOf(await readBody(request, relay.settings.MAX_BODY_BYTES));
  await usableMapping(source);
  const delivery = await relay.delivery();
  const foundBy = repair ? ('repair' as const) : ('import' as const);
  const reads = payloads.map((payload) => ({
    source,
    payload,
    readAt,
    foundBy,
    mayLookUp: mode !== 'compare',
  }));
  const visited = await visitAll(reads, mode, begun.getTime() + longestMs, delivery, (record, attempt) =>
    logRecorded(context, record, attempt),
  );
  return json(200, importReport(visited));
}
