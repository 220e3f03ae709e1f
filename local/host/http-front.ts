import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { hasFunctionKey } from './function-key.ts';
import { lingerAfter, proxy } from './http-proxy.ts';
import { type LogLine, newInvocationId, type Worker } from './invoke.ts';
import { type HttpFunction, httpFunctions, segmentsOf } from './routes.ts';
import { sendRpcHttp, toRpcHttp } from './rpc-http.ts';
import type { Running } from './running.ts';
import { answerUnreadable } from './unreadable-request.ts';

export interface HttpFrontOptions {
  readonly worker: Worker;
  readonly routePrefix: string;
  /** Absent: keys are not checked. */
  readonly functionKey?: string;
  /** Functions that `POST /admin/functions/{name}` starts by hand: resolves when the invocation has ended. */
  readonly byHand: ReadonlyMap<string, (input: string) => Promise<void>>;
  readonly running: Running;
  readonly log: LogLine;
}

const adminPrefix = '/admin/functions/';

/**
 * The HTTP side of the host. Unknown route 404, other method 405 (the real host: 404), missing key 401, failed
 * function 500. With HTTP streaming a real host leaves the caller of a failed function waiting; here it gets the 500
 * at once and the log says so.
 */
export function createHttpFront(options: HttpFrontOptions): Server {
  const { worker, routePrefix, functionKey, running } = options;
  const functions = httpFunctions(worker.functions, routePrefix);

  const server = createServer((request, response) => {
    const url = new URL(`http://host${request.url?.startsWith('/') ? request.url : '/'}`);
    const mayRun = (needsKey: boolean) =>
      !functionKey || !needsKey || hasFunctionKey(request, url, functionKey);
    if (url.pathname.startsWith(adminPrefix)) {
      if (!mayRun(true)) return refuse(request, response, 401);
      void running.add(runByHand(url.pathname.slice(adminPrefix.length), request, response, options));
      return;
    }
    const segments = segmentsOf(url.pathname);
    const candidates = functions.flatMap((http) => {
      const parameters = http.match(segments);
      return parameters ? [{ http, parameters }] : [];
    });
    const found = candidates.find(({ http }) => http.methods.includes(request.method ?? ''));
    if (!found) return refuse(request, response, candidates.length > 0 ? 405 : 404);
    if (!mayRun(found.http.needsKey)) return refuse(request, response, 401);
    const run = worker.streamingUri === undefined ? runWhole : runStreaming;
    void running.add(run(found.http, found.parameters, { request, response, url }, options));
  });
  // As a front end does. With Node's five seconds, a caller that stood still for one sends into a connection that is being closed.
  server.keepAliveTimeout = keepAliveMs;
  answerUnreadable(server);
  return server;
}

const keepAliveMs = 240_000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** Resolves when the caller has the whole answer, or is gone. Never rejects. */
async function runStreaming(
  http: HttpFunction,
  parameters: Record<string, string>,
  { request, response }: Exchange,
  { worker, log }: HttpFrontOptions,
): Promise<void> {
  const id = newInvocationId();
  const ended = new Promise((resolve) => response.once('close', resolve));
  const onward = proxy(id, request, response, new URL(worker.streamingUri ?? ''), (error) => {
    log('warning', http.name, id, `the request was not passed on: ${error.message}`);
    fail(request, response);
  });
  try {
    const { hasResult } = await worker.invoke({
      id,
      functionName: http.name,
      inputName: http.inputName,
      inputData: { http: {} },
      triggerMetadata: {
        ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { string: value }])),
        Headers: { json: JSON.stringify(joinedHeaders(request)) },
        Query: { json: '{}' },
      },
      traceparent: traceparentOf(request),
    });
    if (!hasResult) throw new Error('the handler returned no response');
  } catch (error) {
    log(
      'error',
      http.name,
      id,
      `failed: ${textOf(error)}\nWith HTTP streaming in Azure the caller now waits: answer always.`,
    );
    onward.destroy();
    fail(request, response);
  }
  await ended;
}

/** As `runStreaming`, for an app without HTTP streaming. */
async function runWhole(
  http: HttpFunction,
  parameters: Record<string, string>,
  { request, response, url }: Exchange,
  { worker, log }: HttpFrontOptions,
): Promise<void> {
  const id = newInvocationId();
  const ended = new Promise((resolve) => response.once('close', resolve));
  try {
    const inputData = { http: await toRpcHttp(request, url, parameters) };
    const invocation = {
      id,
      functionName: http.name,
      inputName: http.inputName,
      inputData,
      traceparent: traceparentOf(request),
    };
    const { returnValue } = (await worker.invoke(invocation)).response;
    sendRpcHttp(returnValue?.http, response);
  } catch (error) {
    log('error', http.name, id, `failed: ${textOf(error)}`);
    fail(request, response);
  }
  await ended;
}

/** `POST /admin/functions/{name}` with `{"input": …}`: 202 at once, the invocation runs on. */
async function runByHand(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  { byHand, running }: HttpFrontOptions,
): Promise<void> {
  const run = byHand.get(name);
  if (!run) return refuse(request, response, 404);
  if (request.method !== 'POST') return refuse(request, response, 405);
  try {
    const body: unknown = await readJson(request);
    if (typeof body !== 'object' || body === null) return refuse(request, response, 400);
    const input: unknown = 'input' in body ? body.input : '';
    void running.add(run(typeof input === 'string' ? input : JSON.stringify(input)));
    response.writeHead(202, { 'Content-Length': '0' }).end();
  } catch {
    refuse(request, response, 400);
  }
}

function traceparentOf({ headers: { traceparent } }: IncomingMessage): string | undefined {
  return typeof traceparent === 'string' ? traceparent : undefined;
}

function joinedHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function fail(request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else refuse(request, response, 500);
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  lingerAfter(request, response);
  response.writeHead(status, { 'Content-Length': '0' }).end();
}
