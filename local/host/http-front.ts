import { timingSafeEqual } from 'node:crypto';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Registrations } from './core-module.ts';
import { invoke, type LogLine, newInvocationId } from './invoke.ts';
import { type HttpFunction, httpFunctions } from './routes.ts';

export interface HttpFrontOptions {
  readonly registrations: Registrations;
  /** The library's own server (capability `HttpUri`), to which the host proxies each request. */
  readonly streamingUri: URL;
  readonly routePrefix: string;
  /** Absent: keys are not checked. */
  readonly functionKey?: string;
  readonly log: LogLine;
}

/**
 * The HTTP side of the host with HTTP streaming: each request is proxied to the library's server under its
 * invocation id, while the invocation runs. Unknown route 404, other method 405, missing key 401, failed function 500.
 */
export function createHttpFront(options: HttpFrontOptions): Server {
  const { registrations, routePrefix } = options;
  const functions = httpFunctions(
    [...registrations.functions.values()].map(({ metadata }) => metadata),
    routePrefix,
  );

  return createServer((request, response) => {
    const url = new URL(`http://host${request.url?.startsWith('/') ? request.url : '/'}`);
    const candidates = functions.flatMap((http) => {
      const parameters = http.match(url.pathname);
      return parameters ? [{ http, parameters }] : [];
    });
    const found = candidates.find(({ http }) => http.methods.includes(request.method ?? ''));
    if (!found) return refuse(request, response, candidates.length > 0 ? 405 : 404);
    if (found.http.needsKey && !hasKey(request, url, options.functionKey))
      return refuse(request, response, 401);
    runFunction(found.http, found.parameters, request, response, options);
  });
}

function runFunction(
  http: HttpFunction,
  parameters: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
  { registrations, streamingUri, log }: HttpFrontOptions,
): void {
  const id = newInvocationId();
  const proxied = proxy(id, request, response, streamingUri);
  invoke(
    registrations,
    {
      id,
      functionName: http.name,
      inputName: http.inputName,
      inputData: { http: {} },
      triggerMetadata: {
        ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { string: value }])),
        Headers: { json: JSON.stringify(singleHeaders(request)) },
        Query: { json: '{}' },
      },
    },
    log,
  ).catch((error: unknown) => {
    log('error', http.name, id, `failed: ${error instanceof Error ? error.stack : String(error)}`);
    proxied.destroy();
    if (!response.headersSent) refuse(request, response, 500);
    else response.destroy();
  });
}

// Kept alive: closing at once would cut off an answer that comes before the whole body was sent.
const toLibrary = new Agent({ keepAlive: true });

/** Passes the request on to the library's server, and its answer back, both as streams. */
function proxy(id: string, request: IncomingMessage, response: ServerResponse, target: URL) {
  const onward = httpRequest(new URL(request.url ?? '/', target), {
    method: request.method,
    agent: toLibrary,
    headers: {
      ...request.headers,
      'x-ms-invocation-id': id,
      'x-forwarded-host': request.headers.host ?? 'localhost',
      'x-forwarded-proto': 'http',
    },
  });
  onward.on('response', (answer) => {
    const { 'x-ms-invocation-id': _, connection: __, 'transfer-encoding': ___, ...headers } = answer.headers;
    response.writeHead(answer.statusCode ?? 500, headers);
    answer.pipe(response);
    answer.on('end', () => {
      request.unpipe(onward);
      drain(request);
    });
  });
  onward.on('error', () => {
    if (!response.headersSent) refuse(request, response, 502);
    else response.end();
  });
  request.pipe(onward);
  request.on('close', () => {
    if (!request.complete) onward.destroy();
  });
  return onward;
}

/** Lets a caller who got the answer early finish sending, for five seconds at most, as Kestrel does. */
function drain(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const deadline = setTimeout(() => request.destroy(), 5000).unref();
  request.on('close', () => clearTimeout(deadline));
}

function singleHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function hasKey(request: IncomingMessage, url: URL, functionKey: string | undefined): boolean {
  if (!functionKey) return true;
  const given = Buffer.from(String(request.headers['x-functions-key'] ?? url.searchParams.get('code') ?? ''));
  const expected = Buffer.from(functionKey);
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': '0' });
  response.end();
  drain(request);
}
