import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { isForgotten } from '../../src/delivery/store/links.ts';
import { readBody } from '../../src/http/body.ts';
import { linkPageReport, linkReport } from '../../src/http/link-report.ts';
import {
  keptRecordOf,
  linkedRecordOf,
  linkListOf,
  linksOf,
  linksOfCustomerAtOnce,
  linkTargetOf,
} from '../../src/http/link-requests.ts';
import { noteAct } from '../../src/http/operator.ts';
import { json, ProblemError } from '../../src/http/problem.ts';
import { getRelay, type Relay } from '../../src/relay.ts';
import { parseJson } from '../../src/sources/shared/json-body.ts';

export async function listLinks(request: HttpRequest): Promise<HttpResponseInit> {
  const { filter, limit, from } = linkListOf(request);
  const { stores } = await (await getRelay()).delivery();
  const most = filter.customerId === undefined ? limit : Math.min(limit, linksOfCustomerAtOnce);
  return json(200, linkPageReport(await stores.links.list(filter, most, from)));
}

export async function setLinks(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const written = linksOf(await bodyOf(request, relay), (name) => isSource(name, relay));
  const { stores, now } = await relay.delivery();
  const since = now().toISOString();
  const set = await stores.links.set(written.map((link) => ({ ...link, origin: 'operator', since })));
  await noteAct(request, 'set-link', `${written.length} links`, stores.acts);
  return json(200, set);
}

export async function showLink(request: HttpRequest): Promise<HttpResponseInit> {
  const { source, recordId } = linkedRecordOf(request);
  return linkAnswer(source, recordId, await getRelay());
}

export async function setLink(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const { source, recordId } = linkedRecordOf(request);
  if (!isSource(source, relay)) throw notLinked(source, relay);
  const customerId = linkTargetOf(await bodyOf(request, relay));
  const { stores, now } = await relay.delivery();
  await stores.links.set([{ source, recordId, customerId, origin: 'operator', since: now().toISOString() }]);
  await noteAct(request, 'set-link', `link ${source} ${recordId}`, stores.acts);
  return linkAnswer(source, recordId, relay);
}

export async function removeLink(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const { source, recordId } = keptRecordOf(request);
  const { stores } = await relay.delivery();
  if (!(await stores.links.remove(source, recordId))) throw notLinked(source, relay);
  await noteAct(request, 'remove-link', `link ${source} ${recordId}`, stores.acts);
  return { status: 204 };
}

async function linkAnswer(source: string, recordId: string, relay: Relay): Promise<HttpResponseInit> {
  const { stores } = await relay.delivery();
  const link = await stores.links.find(source, recordId);
  if (!link || isForgotten(link)) throw notLinked(source, relay);
  return json(200, linkReport(link));
}

async function bodyOf(request: HttpRequest, { settings }: Relay): Promise<unknown> {
  return parseJson(await readBody(request, settings.MAX_BODY_BYTES));
}

/** A misconfigured source is one, too: its links outlast the mistake. */
function isSource(name: string, { sources, brokenSources }: Relay): boolean {
  return sources.has(name) || brokenSources.has(name);
}

/** Links of a source that is gone from relay.json can still be seen and removed. */
function notLinked(source: string, relay: Relay): ProblemError {
  return isSource(source, relay)
    ? new ProblemError('unknown-link', { detail: 'This record is not linked to a customer.' })
    : new ProblemError('unknown-source', { detail: 'relay.json lists no source of this name.' });
}
